using System.Management.Automation;

namespace MriLink.Commands;

/// <summary>Where a volume goes: a path, or a script block that gets the volume as <c>$_</c> and returns one.</summary>
public sealed class OutputPath
{
    private readonly ScriptBlock? _script;
    private readonly string? _path;

    /// <summary>The same path for every volume.</summary>
    public OutputPath(string path) => _path = path;

    /// <summary>The path of a file or folder object.</summary>
    public OutputPath(FileSystemInfo item)
    {
        ArgumentNullException.ThrowIfNull(item);
        _path = item.FullName;
    }

    /// <summary>A path made for each volume.</summary>
    public OutputPath(ScriptBlock script) => _script = script;

    /// <summary>The path for one volume.</summary>
    /// <exception cref="LabelException">The script gives none.</exception>
    internal string For(PSObject volume, string name)
    {
        if (_script is null)
        {
            return _path!;
        }

        try
        {
            var results = _script.InvokeWithContext(null, [new PSVariable("_", volume)]);
            return results.Count == 1 && results[0]?.ToString() is { } path && !string.IsNullOrWhiteSpace(path)
                ? path
                : throw new LabelException($"-Path gives no path, or more than one, for {name}.");
        }
        catch (RuntimeException exception) when (exception is not PipelineStoppedException)
        {
            throw new LabelException($"-Path failed for {name}: {exception.Message}", exception);
        }
    }
}
