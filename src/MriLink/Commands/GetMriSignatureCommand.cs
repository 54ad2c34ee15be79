using System.Management.Automation;
using MriLink.Core.Search;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Gets the signatures of a file, with their labels.</summary>
/// <remarks>
/// Lists who is in a file that ConvertTo-MriSignature -OutFile wrote, or passes its signatures on. Takes no key. The whole file is checked against
/// its checksum first.
/// </remarks>
[Cmdlet(VerbsCommon.Get, "MriSignature")]
[OutputType(typeof(MriSignature))]
public sealed class GetMriSignatureCommand : MriCmdlet
{
    /// <summary>Files of signatures; wildcards are not expanded.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("LiteralPath", "PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var given in Path)
        {
            var path = SessionState.Path.GetUnresolvedProviderPathFromPSPath(given);
            try
            {
                using var file = SignatureFile.Open(path);
                foreach (var signature in file.ReadAll())
                {
                    StopToken.ThrowIfCancellationRequested();
                    WriteObject(signature);
                }
            }
            catch (MriFileException exception)
            {
                WriteItemError(exception, "SignaturesUnreadable", ErrorCategory.InvalidData, path);
            }
            catch (OperationCanceledException)
            {
                throw new PipelineStoppedException();
            }
        }
    }
}
