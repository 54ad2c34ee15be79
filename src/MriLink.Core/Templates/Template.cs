using System.IO.Compression;
using MriLink.Core.Formats;
using MriLink.Core.Volumes;

namespace MriLink.Core.Templates;

/// <summary>The head that scans are aligned to: its intensities and its brain mask on one grid.</summary>
public sealed class Template
{
    private static readonly Lazy<Template> EmbeddedColin27 = new(LoadColin27);

    private readonly Lazy<string> _contentHash;

    /// <summary>Makes a template.</summary>
    /// <exception cref="ArgumentException">Head and mask differ in size.</exception>
    public Template(string name, Volume head, Mask brainMask)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(brainMask);
        if (head.Size != brainMask.Size)
        {
            throw new ArgumentException($"The head has {head.Size} voxels and its mask {brainMask.Size}.", nameof(brainMask));
        }

        Name = name;
        Head = head;
        BrainMask = brainMask;
        _contentHash = new(() => $"{Core.Volumes.ContentHash.Of(head)}+{Core.Volumes.ContentHash.Of(brainMask)}");
    }

    /// <summary>
    /// Colin27 in MNI space at 1 mm, 181×217×181 (Holmes et al. 1998, J Comput Assist Tomogr 22:324), embedded in the library.
    /// </summary>
    public static Template Colin27 => EmbeddedColin27.Value;

    /// <summary>What the template is called in results.</summary>
    public string Name { get; }

    /// <summary>The whole head.</summary>
    public Volume Head { get; }

    /// <summary>Its brain.</summary>
    public Mask BrainMask { get; }

    /// <summary>The hashes of head and mask (<see cref="Volumes.ContentHash"/>), so that results say which template they rest on.</summary>
    public string ContentHash => _contentHash.Value;

    private static Template LoadColin27()
    {
        // Most of what a user waits for before the first scan: the two are read at once.
        var mask = Task.Run(() => Mask.FromVolume(ReadResource("colin27-mask.nii.gz")));
        return new("Colin27", ReadResource("colin27-head.nii.gz"), mask.GetAwaiter().GetResult());
    }

    private static Volume ReadResource(string resource)
    {
        var packed = typeof(Template).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The library lacks its resource {resource}.");
        return NiftiFormat.Read(new GZipStream(packed, CompressionMode.Decompress), resource);
    }
}
