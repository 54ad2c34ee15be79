using System.Management.Automation;
using MriLink.Core.Basics;
using MriLink.Core.Reporting;

namespace MriLink.Commands;

/// <summary>Writes a picture of a volume as a PNG file: three orthogonal slices.</summary>
/// <remarks>
/// The same picture as Show-MriVolume, pixel by pixel. The file holds pixels alone: no name, no date. A brain can be recognised from its picture
/// too; keep pictures as you keep scans.
/// </remarks>
[Cmdlet(VerbsData.Export, "MriImage", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportMriImageCommand : PictureCmdlet
{
    private readonly HashSet<string> _written = new(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);

    /// <summary>A file ending in .png, or a script block that gets the volume as $_ and returns one.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("LiteralPath")]
    [ValidateNotNull]
    public OutputPath Path { get; set; } = null!;

    /// <summary>Millimetres a pixel.</summary>
    [Parameter]
    [ValidateRange(0.1, 20.0)]
    public double PixelSize { get; set; } = 1;

    /// <summary>Whether existing files are replaced and missing folders are made.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Whether the written files are output.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            var file = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path.For(PSObject.AsPSObject(InputObject), InputObject.Name));
            var folder = System.IO.Path.GetDirectoryName(file)!;
            if (!file.EndsWith(".png", StringComparison.OrdinalIgnoreCase))
            {
                throw new LabelException($"'{file}' does not end in .png.");
            }

            if (_written.Contains(file))
            {
                throw new IOException($"'{file}' holds another volume of this pipeline: -Path gives both the same name.");
            }

            if (File.Exists(file) && !Force)
            {
                throw new IOException($"'{file}' exists; use -Force to replace it.");
            }

            if (!Directory.Exists(folder) && !Force)
            {
                throw new DirectoryNotFoundException($"The folder of '{file}' does not exist; use -Force to make it.");
            }

            if (!ShouldProcess(file, "Export picture"))
            {
                return;
            }

            var image = Draw(_ => PixelSize);
            Directory.CreateDirectory(folder);
            PngFile.Write(file, image);
            _written.Add(file);
            if (PassThru)
            {
                WriteObject(new FileInfo(file));
            }
        }
        catch (LabelException exception)
        {
            WriteItemError(exception, "PathInvalid", ErrorCategory.InvalidArgument, InputObject.Path ?? InputObject.Name);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException and not ScanException)
        {
            WriteItemError(exception, "WriteFailed", ErrorCategory.WriteError, InputObject.Path ?? InputObject.Name);
        }
        catch (Exception exception) when (ScanException.IsFaultOfScan(exception))
        {
            WriteVolumeError(exception, InputObject.Identity);
        }
    }
}
