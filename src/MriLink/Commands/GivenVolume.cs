using System.Management.Automation;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>What -Template, -TemplateMask and -BrainMask take: a volume or a path; a brain mask also a script that gives one for a scan.</summary>
/// <param name="session">Resolves paths.</param>
/// <param name="stop">Obeyed while files are read.</param>
internal sealed class GivenVolume(SessionState session, CancellationToken stop)
{
    /// <summary>The brain mask for a scan; null where none is given.</summary>
    /// <exception cref="InvalidOperationException">What is given is none, or the script gives none.</exception>
    public Mask? Mask(object? brainMask, MriVolume scan)
    {
        if (brainMask is ScriptBlock script)
        {
            brainMask = script.InvokeWithContext(null, [new PSVariable("_", scan)]).FirstOrDefault()?.BaseObject
                ?? throw new InvalidOperationException($"The script block gave no brain mask for '{scan.Path ?? scan.Name}'.");
        }

        return brainMask is null ? null : Core.Volumes.Mask.FromVolume(Read(brainMask, "BrainMask"));
    }

    /// <summary>The template that is given, or the one that MriLink holds.</summary>
    public Template Template(object? template, object? mask)
    {
        // The name completes; a file of that name is meant only with its folder before it.
        if (template is null || string.Equals(
            (template is PSObject given ? given.BaseObject : template) as string, Core.Templates.Template.Colin27Name,
            StringComparison.OrdinalIgnoreCase))
        {
            return Core.Templates.Template.Colin27;
        }

        var head = Read(template, "Template");
        var brain = Core.Volumes.Mask.FromVolume(mask is null ? head : Read(mask, "TemplateMask"));
        return new(template is MriVolume volume ? volume.Name : VolumeFormats.GetStem(template.ToString()!), head, brain);
    }

    private Volume Read(object given, string parameter)
    {
        var value = given is PSObject wrapped ? wrapped.BaseObject : given;
        if (value is MriVolume volume)
        {
            return volume.ReadVoxels(stop);
        }

        var text = value is FileInfo file ? file.FullName : value as string
            ?? throw new InvalidOperationException($"-{parameter} takes a volume or a path, not a {value.GetType().Name}.");
        var path = session.Path.GetUnresolvedProviderPathFromPSPath(text);
        return new FileVoxelSource(VolumeFormats.ReadHeader(path, volume: null, stop), new()).Read(stop);
    }
}
