using MriLink.Core.Formats.Dicom;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>What one of many files shows of itself when it is sorted into volumes.</summary>
internal sealed class LookedAtFile
{
    // What lies beside scans in datasets and is none.
    private static readonly string[] Texts =
        [".json", ".tsv", ".csv", ".txt", ".md", ".rst", ".html", ".htm", ".xml", ".yml", ".yaml", ".log", ".pdf", ".bval", ".bvec", ".sh", ".py",
            ".m", ".ps1", ".mat"];

    // What others write volumes to and nothing here reads.
    private static readonly string[] UnreadImages =
        [".mnc", ".mnc.gz", ".mif", ".mif.gz", ".brik", ".brik.gz", ".rec", ".nii.xz", ".nii.bz2", ".nii.zst", ".nii.zip", ".nii.7z", ".img.bz2",
            ".img.xz"];

    private LookedAtFile(string path) => Path = path;

    public string Path { get; }

    /// <summary>Whether it is, by name or content, a volume of a format other than DICOM.</summary>
    public bool IsOther { get; private init; }

    /// <summary>Whether it names other files, or belongs to one that does.</summary>
    public bool IsDetached { get; private init; }

    /// <summary>What it says as DICOM; null when it is none.</summary>
    public DicomImage? Image { get; private init; }

    /// <summary>Why it is no volume, as the end of a sentence; null when it is or may be part of one.</summary>
    public string? Reason { get; private init; }

    /// <summary>Whether it is named like DICOM, so that it counts as a damaged file of it.</summary>
    public bool IsNamedDicom { get; private init; }

    /// <summary>Whether it could not be looked at, and may be a scan.</summary>
    public bool IsUnseen { get; private init; }

    /// <summary>Looks at a file.</summary>
    public static LookedAtFile At(string path)
    {
        var named = VolumeFormats.FindByName(path);
        if (named is not (null or DicomFormat))
        {
            // Headers and images of pairs are opened anyhow, and slices are called .img by some.
            var isDetached = VolumeFormats.IsDetached(path);
            return isDetached && IsDicom(path) ? Open(path, null) : new(path) { IsOther = true, IsDetached = isDetached };
        }

        return Open(path, named);
    }

    private static bool IsDicom(string path)
    {
        try
        {
            return VolumeFile.IsDicom(FileStamp.Of(path));
        }
        catch (MriFileException)
        {
            return false;
        }
    }

    private static bool IsUnreadImage(string path) => Array.Exists(UnreadImages, ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    // What is named like a text is none, whatever is in it. Empty files are there for many reasons; one without an ending, as scanners name
    // their files, is a scan that did not arrive.
    private static bool MayBeScan(string path, MriFileException problem)
    {
        var ending = System.IO.Path.GetExtension(path);
        return problem.InnerException is not null
            ? !Texts.Contains(ending, StringComparer.OrdinalIgnoreCase)
            : ending.Length == 0 || ending.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;
    }

    private static LookedAtFile Open(string path, IVolumeFormat? named)
    {
        try
        {
            var (handle, stamp) = FileStamp.Open(path);
            using (handle)
            {
                if (DicomImage.Read(handle, stamp) is { } image)
                {
                    return image.IsImage ? new(path) { Image = image, Reason = image.Problem?.Problem, IsNamedDicom = true }
                        : new(path) { Reason = "holds no image." };
                }

                var file = VolumeFile.Probe(handle, stamp);
                if (named is null && VolumeFormats.ByContent(file) is { } format)
                {
                    return format is DicomFormat
                        ? new(path) { Reason = DicomFormat.Zipped, IsNamedDicom = true }
                        : new(path) { IsOther = true, IsDetached = VolumeFormats.IsDetached(path) };
                }

                return named is null
                    ? IsUnreadImage(path)
                        ? new(path) { Reason = "is named like an image of a format or compression that cannot be read; convert it.", IsUnseen = true }
                        : new(path) { Reason = WhatElse(path) }
                    : new(path)
                    {
                        Reason = file.IsGzip ? DicomFormat.Zipped
                        : $"is named like a DICOM file but is none: it {named.Mismatch(file)}.",
                        IsNamedDicom = true
                    };
            }
        }
        catch (MriFileException exception)
        {
            return new(path) { Reason = exception.Problem, IsNamedDicom = named is not null, IsUnseen = MayBeScan(path, exception) };
        }
    }

    // What people take for volumes, because brains are in it.
    private static string WhatElse(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".mrigallery" => "is a gallery and no volume: Get-MriGalleryVolume gives what is in it.",
        ".mrisig" => "is a file of signatures and no volume: Get-MriSignature gives what is in it.",
        _ => "is not a volume in a format that can be read.",
    };
}
