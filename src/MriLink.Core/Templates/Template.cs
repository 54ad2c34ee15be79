using MriLink.Core.Formats.Nifti;
using MriLink.Core.Volumes;

namespace MriLink.Core.Templates;

/// <summary>The head that scans are aligned to: its intensities and its brain mask on one grid.</summary>
public sealed class Template
{
    /// <summary>What <see cref="Colin27"/> is called.</summary>
    public const string Colin27Name = "Colin27";

    private const string HeadResource = "colin27-head.nii.gz";
    private const string MaskResource = "colin27-mask.nii.gz";

    // Of the two resources; known beforehand, for hashing 36 MB at every start would tell nothing new.
    private const string Colin27Hash =
        "sha256-voxels:dbb32ce750b18526d4745eb905a5793ce181c6c5d4079dbb07773fdcca05ebe6"
        + "+sha256-voxels:6ad9d91b7addce9181121b7f037556db565316a4ad6e9891b3c1cd30baf9d36b";

    private static readonly Lazy<Template> EmbeddedColin27 = new(() => new(
        Colin27Name,
        ReadGeometry(HeadResource),
        new(() => EmbeddedVolume.Read(HeadResource)),
        new(() => Mask.FromVolume(EmbeddedVolume.Read(MaskResource))),
        new(Colin27Hash)));

    private readonly Lazy<Volume> _head;
    private readonly Lazy<Mask> _brainMask;
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
        Geometry = head.Geometry;
        _head = new(head);
        _brainMask = new(brainMask);
        _contentHash = new(() => HashOf(head, brainMask));
    }

    private Template(string name, VolumeGeometry geometry, Lazy<Volume> head, Lazy<Mask> brainMask, Lazy<string> contentHash)
    {
        Name = name;
        Geometry = geometry;
        _head = head;
        _brainMask = brainMask;
        _contentHash = contentHash;
    }

    /// <summary>
    /// Colin27 in MNI space at 1 mm, 181×217×181 (Holmes et al. 1998, J Comput Assist Tomogr 22:324), embedded in the library.
    /// Its voxels are read when they are asked for: preprocessing needs no more than a prepared copy,
    /// which it embeds itself.
    /// </summary>
    public static Template Colin27 => EmbeddedColin27.Value;

    /// <summary>What the template is called in results.</summary>
    public string Name { get; }

    /// <summary>The grid of head and mask.</summary>
    public VolumeGeometry Geometry { get; }

    /// <summary>The whole head.</summary>
    public Volume Head => _head.Value;

    /// <summary>Its brain.</summary>
    public Mask BrainMask => _brainMask.Value;

    /// <summary>The hashes of head and mask (<see cref="Volumes.ContentHash"/>), so that results say which template they rest on.</summary>
    public string ContentHash => _contentHash.Value;

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal static string HashOf(Volume head, Mask brainMask) =>
        $"{Core.Volumes.ContentHash.Of(head)}+{Core.Volumes.ContentHash.Of(brainMask)}";

    private static VolumeGeometry ReadGeometry(string resource)
    {
        using var content = EmbeddedVolume.Open(resource);
        return NiftiFormat.ReadGeometry(content, resource);
    }
}
