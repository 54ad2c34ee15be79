using System.Management.Automation;
using MriLink.Core.Gallery;

namespace MriLink.Commands;

/// <summary>Makes a gallery: a lasting collection of preprocessed volumes.</summary>
/// <remarks>
/// A gallery is one file that any number of processes may use at once, or a PostgreSQL database that a team shares. It holds volumes, labels,
/// quality and provenance; about 0.8 MB for a brain at 2 mm.
/// </remarks>
[Cmdlet(VerbsCommon.New, "MriGallery", SupportsShouldProcess = true)]
[OutputType(typeof(VolumeGallery))]
public sealed class NewMriGalleryCommand : MriCmdlet
{
    /// <summary>
    /// A file that does not exist yet, or a PostgreSQL connection string ("Host=…;Database=…"; "Search Path" names another schema than mrilink).
    /// </summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("LiteralPath", "Gallery")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = string.Empty;

    /// <summary>
    /// Whether labels, paths and content hashes of all that is ever added are stored as keyed hashes (HMAC-SHA-256). The brains themselves are
    /// stored all the same, and are as personal as before.
    /// </summary>
    [Parameter]
    public SwitchParameter Pseudonymize { get; set; }

    /// <summary>
    /// The file with the key of -Pseudonymize, as New-MriKey makes it. It is not stored: who loses it cannot tell whose pseudonym is whose.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyPath { get; set; }

    /// <summary>Takes the gallery that is there, if there is one, instead of telling that it exists already.</summary>
    [Parameter]
    public SwitchParameter AllowExisting { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Pseudonymize != (KeyPath is not null))
        {
            ThrowTerminatingError(new ErrorRecord(
                new InvalidOperationException("-Pseudonymize and -KeyPath go together."), "KeyNeeded", ErrorCategory.InvalidArgument,
                targetObject: null));
        }

        try
        {
            var key = KeyPath is null ? null : new Pseudonymizer(KeyFile.Read(SessionState, KeyPath, WriteWarning));
            var location = GalleryLocation.Resolve(SessionState, Path);
            if (AllowExisting && RunWithProgress("Looking for the gallery", (_, token) => VolumeGallery.Exists(location, token)))
            {
                WriteObject(RunWithProgress("Opening the gallery", (_, token) => VolumeGallery.Open(location, token)));
            }
            else if (ShouldProcess(VolumeGallery.NameOf(location), "Make gallery"))
            {
                WriteObject(RunWithProgress("Making the gallery", (_, token) => VolumeGallery.Create(location, key, token)));
            }
        }
        catch (Exception exception) when (exception is GalleryException or ArgumentException or InvalidOperationException)
        {
            WriteItemError(exception, "GalleryNotMade", ErrorCategory.WriteError, target: null);
        }
    }
}
