namespace MriLink.Shell.Interactive;

/// <summary>The commands of this session, and the place in them while going up and down.</summary>
internal sealed class LineHistory
{
    private readonly List<string> _lines = [];
    private int _at;
    private string _unfinished = string.Empty;

    /// <summary>Remembers a command, once when it is repeated, and goes back to the end.</summary>
    public void Add(string line)
    {
        if (!string.IsNullOrWhiteSpace(line) && (_lines.Count == 0 || !string.Equals(_lines[^1], line, StringComparison.Ordinal)))
        {
            _lines.Add(line);
        }

        Rewind();
    }

    /// <summary>Goes back to the end, where the line being typed is.</summary>
    public void Rewind()
    {
        _at = _lines.Count;
        _unfinished = string.Empty;
    }

    /// <summary>One command back.</summary>
    /// <param name="current">The line as it stands; kept if it is the one being typed.</param>
    /// <returns>The command, or null at the first.</returns>
    public string? Previous(string current)
    {
        if (_at == 0)
        {
            return null;
        }

        if (_at == _lines.Count)
        {
            _unfinished = current;
        }

        return _lines[--_at];
    }

    /// <summary>One command on.</summary>
    /// <returns>The command, the line that was being typed after the last, or null when already there.</returns>
    public string? Next()
    {
        if (_at == _lines.Count)
        {
            return null;
        }

        return ++_at == _lines.Count ? _unfinished : _lines[_at];
    }
}
