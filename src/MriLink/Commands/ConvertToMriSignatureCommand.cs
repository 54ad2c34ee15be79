using System.Management.Automation;
using MriLink.Core.Basics;
using MriLink.Core.Gallery;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Search;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Turns preprocessed volumes into keyed signatures, so that two institutions can compare cohorts without exchanging images.</summary>
/// <remarks>
/// <para>A signature is some three thousand numbers, a secret random projection of the brain. Signatures made with the same key on the same grid
/// can be matched by Find-MriMatch; with different keys they have nothing in common.</para>
/// <para>A signature is pseudonymised, not anonymous. Whoever holds two cohorts' signatures learns who is in both: that is their purpose. Whoever
/// also holds the key can look for anybody of whom they have a scan, and estimate a blurred image of the brain from its signature; so give
/// signatures and key to different people. Whoever has enough scans together with their signatures can work out the projection without the key.
/// Labels are in the file as they are: pseudonymise them first.</para>
/// </remarks>
[Cmdlet(VerbsData.ConvertTo, "MriSignature", SupportsShouldProcess = true)]
[OutputType(typeof(MriSignature))]
public sealed class ConvertToMriSignatureCommand : MriCmdlet
{
    private readonly List<MriSignature> _signatures = [];
    private byte[] _key = [];
    private SignatureProjection? _projection;

    /// <summary>The preprocessed volumes, or a gallery, or its path.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [VolumesOrGallery]
    [VolumeTransformation]
    public MriVolume[] InputObject { get; set; } = [];

    /// <summary>The file with the key, as New-MriKey makes it. Both sides need the same.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string KeyPath { get; set; } = string.Empty;

    /// <summary>How many numbers a signature has, 1024 to 16384, a multiple of 64. More tell people apart more surely, and reveal more.</summary>
    [Parameter]
    [ValidateRange(1024, 16384)]
    public int Dimension { get; set; } = 3072;

    /// <summary>The measure that signatures are made for: what Find-MriMatch then compares them by.</summary>
    [Parameter]
    [Choice("LocalNCC: correlation after local contrast normalisation", "NCC: correlation of intensities")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string Metric { get; set; } = SimilarityMeasures.Default.Name;

    /// <summary>
    /// Writes the signatures with their labels, but without paths, to this file instead of the pipeline: 3.5 KB each. Find-MriMatch takes it as
    /// probes or gallery.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutFile { get; set; }

    /// <summary>Whether a file that is there is replaced.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // Asked before hours of work, and again by the writing itself.
        if (OutFile is not null && File.Exists(SessionState.Path.GetUnresolvedProviderPathFromPSPath(OutFile)) && !Force)
        {
            ThrowTerminatingError(new ErrorRecord(
                new IOException($"'{SafeText.ForTerminal(OutFile)}' exists; use -Force to replace it."), "FileExists", ErrorCategory.ResourceExists,
                OutFile));
        }

        try
        {
            _key = KeyFile.Read(SessionState, KeyPath, WriteWarning).Derive(SecretKey.ForSignatures);
        }
        catch (InvalidOperationException exception)
        {
            ThrowTerminatingError(new ErrorRecord(exception, "KeyUnusable", ErrorCategory.InvalidArgument, KeyPath));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var volume in InputObject)
        {
            if (volume is not PreprocessedVolume preprocessed)
            {
                WriteVolumeError(volume is DamagedVolume damaged ? damaged.Problem
                    : new InvalidOperationException(
                    $"'{volume.Path ?? volume.Name}' is not preprocessed; signatures are made of what Invoke-MriPreprocess gives."), volume.Identity);
                continue;
            }

            // A file of signatures does not say what contrast each is of, and by these numbers two contrasts of one person are strangers.
            if (!string.Equals(preprocessed.Contrast, nameof(MriContrast.T1w), StringComparison.Ordinal))
            {
                WriteVolumeError(
                    new InvalidOperationException(
                        $"'{volume.Path ?? volume.Name}' is {preprocessed.Contrast}; signatures are made of T1-weighted scans only. Find-MriMatch "
                            + $"compares other contrasts."), volume.Identity);
                continue;
            }

            // Whoever gets signatures cannot see that one is of no brain, and would be told that nobody is like it.
            if (preprocessed.QualityRecord.GetVerdict() == QualityVerdict.Fail)
            {
                WriteVolumeError(
                    new InvalidOperationException(
                        $"'{volume.Path ?? volume.Name}' could not be preprocessed ({string.Join("; ", preprocessed.QualityRecord.Reasons)}): no "
                            + "signature is made of it."), volume.Identity);
                continue;
            }

            try
            {
                var signature = RunWithProgress("Making signatures", (progress, token) =>
                {
                    progress.Report(new(-1, volume.Name));
                    _projection ??= new(_key, volume.Geometry, Dimension, Metric);
                    return _projection.Project(preprocessed, token);
                });
                if (OutFile is null)
                {
                    WriteObject(signature);
                }
                else
                {
                    _signatures.Add(signature);
                }
            }
            catch (ArgumentOutOfRangeException exception)
            {
                ThrowTerminatingError(new ErrorRecord(exception, "DimensionUnusable", ErrorCategory.InvalidArgument, Dimension));
            }
            catch (Exception exception) when (exception is ArgumentException or IOException)
            {
                WriteVolumeError(exception, volume.Identity);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (OutFile is null)
        {
            return;
        }

        var path = SessionState.Path.GetUnresolvedProviderPathFromPSPath(OutFile);
        if (_signatures.Count == 0)
        {
            // A file of none would be one that matches nobody.
            WriteItemError(new InvalidOperationException($"No signature was made; '{SafeText.ForTerminal(path, int.MaxValue)}' is not written."),
                "NoSignature", ErrorCategory.InvalidData, path);
            return;
        }

        if (!ShouldProcess(path, $"Write {_signatures.Count} signatures"))
        {
            return;
        }

        try
        {
            SignatureFile.Write(path, _signatures, Force);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(new ErrorRecord(
                new IOException($"'{SafeText.ForTerminal(path, int.MaxValue)}' cannot be written: {SafeText.ForTerminal(exception.Message)}",
                exception), "WriteFailed", ErrorCategory.WriteError, path));
        }
    }
}
