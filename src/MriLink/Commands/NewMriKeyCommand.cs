using System.Management.Automation;
using MriLink.Core.Basics;

namespace MriLink.Commands;

/// <summary>Makes a key for pseudonyms or signatures.</summary>
/// <remarks>
/// Writes 32 random bytes to a file that only its owner may read (mode 0600). Pseudonyms and signatures that are made with one file have different
/// keys, derived from it by HKDF-SHA-256. Whoever has the file can tell whose pseudonym is whose; whoever loses it cannot any more.
/// </remarks>
[Cmdlet(VerbsCommon.New, "MriKey", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class NewMriKeyCommand : MriCmdlet
{
    /// <summary>The file; wildcards are not expanded.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("LiteralPath", "KeyPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = string.Empty;

    /// <summary>Whether a key that is there is replaced. What was made with it can then no longer be told.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var file = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path);
        if (!ShouldProcess(file, "Make key"))
        {
            return;
        }

        try
        {
            SecretKey.CreateFile(file, Force);
            WriteObject(new FileInfo(file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var problem = File.Exists(file) && !Force ? "exists; use -Force to replace it"
                : $"cannot be written: {SafeText.ForTerminal(exception.Message)}";
            ThrowTerminatingError(new ErrorRecord(
                new IOException($"'{SafeText.ForTerminal(file, int.MaxValue)}' {problem}", exception), "KeyNotMade", ErrorCategory.WriteError, file));
        }
    }
}
