using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace MriLink.Shell.Hosting;

/// <summary>
/// Keeps the activities under way and draws them below the output, at most <see cref="MaximumLines"/> lines of them.
/// The cursor never leaves the place where output goes on, so taking the lines away again is one sequence.
/// </summary>
/// <param name="output">The terminal.</param>
/// <param name="clock">Tells the time, for drawing no more often than eyes can follow.</param>
internal sealed class ProgressPane(TextWriter output, TimeProvider clock)
{
    /// <summary>More activities than this are not shown.</summary>
    public const int MaximumLines = 3;

    private const string EraseBelow = "\e[J";
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly List<(long Source, ProgressRecord Record)> _activities = [];
    private long _drawnAt;
    private bool _everDrawn;
    private bool _visible;

    /// <summary>Takes in one record and draws when something came or went, or enough time has passed.</summary>
    /// <param name="source">The command that reports.</param>
    /// <param name="record">What it reports.</param>
    /// <param name="column">Where the cursor is.</param>
    /// <param name="width">Columns of the terminal.</param>
    public void Update(long source, ProgressRecord record, int column, int width)
    {
        var at = _activities.FindIndex(a => a.Source == source && a.Record.ActivityId == record.ActivityId);
        var changed = at < 0;
        if (record.RecordType == ProgressRecordType.Completed)
        {
            changed = at >= 0;
            if (changed)
            {
                _activities.RemoveAt(at);
            }
        }
        else if (at >= 0)
        {
            _activities[at] = (source, record);
        }
        else
        {
            _activities.Insert(Place(source, record), (source, record));
        }

        if (changed || !_everDrawn || clock.GetElapsedTime(_drawnAt) >= Interval)
        {
            Draw(column, width);
        }
    }

    /// <summary>Takes the lines off the screen, before something else is written there.</summary>
    public void Hide()
    {
        if (_visible)
        {
            output.Write(EraseBelow);
            _visible = false;
        }
    }

    /// <summary>Forgets every activity: the pipeline has ended, whether or not it said so.</summary>
    public void Reset()
    {
        Hide();
        _activities.Clear();
        _everDrawn = false;
    }

    /// <summary>One activity as a line of at most <paramref name="width"/> columns.</summary>
    internal static string Line(ProgressRecord record, int depth, int width)
    {
        var line = new StringBuilder().Append(' ', 2 * depth).Append(record.Activity);
        if (record.PercentComplete >= 0)
        {
            const int Cells = 20;
            var full = Math.Min(record.PercentComplete, 100) * Cells / 100;
            line.Append(" [").Append('#', full).Append(' ', Cells - full).Append("] ")
                .Append(CultureInfo.InvariantCulture, $"{record.PercentComplete,3} %");
        }

        if (record.SecondsRemaining >= 0)
        {
            line.Append(CultureInfo.InvariantCulture, $" {TimeSpan.FromSeconds(record.SecondsRemaining):c} left");
        }

        foreach (var text in (string?[])[record.StatusDescription, record.CurrentOperation])
        {
            if (!string.IsNullOrWhiteSpace(text))
            {
                line.Append("  ").Append(text);
            }
        }

        return Cut(line.Replace('\r', ' ').Replace('\n', ' ').Replace('\e', ' ').ToString(), width);
    }

    private static string Cut(string line, int width)
    {
        var used = 0;
        var length = 0;
        foreach (var rune in line.EnumerateRunes())
        {
            used += CellWidth.Of(rune);
            if (used > width)
            {
                return line[..length];
            }

            length += rune.Utf16SequenceLength;
        }

        return line;
    }

    private void Draw(int column, int width)
    {
        _drawnAt = clock.GetTimestamp();
        _everDrawn = true;
        var text = new StringBuilder(_visible ? EraseBelow : string.Empty);
        var lines = _activities.Take(MaximumLines).Select(a => Line(a.Record, Depth(a), width - 1)).ToList();
        _visible = lines.Count > 0;
        if (_visible)
        {
            // Below a line that is still being written; then back up, by steps, since the screen may have scrolled.
            text.Append(column > 0 ? "\r\n" : string.Empty).AppendJoin("\r\n", lines);
            var rows = lines.Count - (column > 0 ? 0 : 1);
            text.Append(rows > 0 ? $"\e[{rows}A" : string.Empty).Append('\r').Append(column > 0 ? $"\e[{column}C" : string.Empty);
        }

        output.Write(text.ToString());
    }

    // Children follow their parent.
    private int Place(long source, ProgressRecord record)
    {
        var parent = _activities.FindIndex(a => a.Source == source && a.Record.ActivityId == record.ParentActivityId);
        return parent < 0 ? _activities.Count : parent + 1;
    }

    private int Depth((long Source, ProgressRecord Record) activity)
    {
        var depth = 0;
        for (var id = activity.Record.ParentActivityId; id >= 0 && depth < MaximumLines; depth++)
        {
            if (_activities.Find(a => a.Source == activity.Source && a.Record.ActivityId == id) is not { Record: { } parent })
            {
                break;
            }

            id = parent.ParentActivityId;
        }

        return depth;
    }
}
