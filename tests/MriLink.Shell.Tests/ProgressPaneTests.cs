using System.Management.Automation;
using MriLink.Shell.Hosting;

namespace MriLink.Shell.Tests;

public sealed class ProgressPaneTests : IDisposable
{
    private readonly StringWriter _screen = new();
    private readonly Clock _clock = new();
    private readonly ProgressPane _pane;

    public ProgressPaneTests() => _pane = new(_screen, _clock);

    [Fact]
    public void A_line_tells_how_far_how_long_and_what_and_never_wraps()
    {
        var record = new ProgressRecord(1, "Matching", "pair 3\nof 4") { PercentComplete = 75, SecondsRemaining = 65 };

        Assert.Equal("Matching [###############     ]  75 % 00:01:05 left  pair 3 of 4", ProgressPane.Line(record, 0, 100));
        Assert.Equal("  Matching [", ProgressPane.Line(record, 1, 12));
        Assert.Equal("漢漢", ProgressPane.Line(new ProgressRecord(1, "漢漢漢", "x"), 0, 5));
    }

    [Fact]
    public void The_cursor_stays_where_output_goes_on()
    {
        _pane.Update(1, new(1, "Reading", "x"), column: 0, width: 80);
        Assert.Equal("Reading  x\r", Written());

        _pane.Hide();
        Assert.Equal("\e[J", Written());
        _pane.Hide();
        Assert.Empty(Written());

        _clock.Advance(TimeSpan.FromSeconds(1));
        _pane.Update(1, new(1, "Reading", "y"), column: 5, width: 80);
        Assert.Equal("\r\nReading  y\e[1A\r\e[5C", Written());
    }

    [Fact]
    public void It_is_drawn_ten_times_a_second_at_most_but_at_once_when_something_comes_or_goes()
    {
        _pane.Update(1, new(1, "Reading", "1"), 0, 80);
        Written();

        _clock.Advance(TimeSpan.FromMilliseconds(99));
        _pane.Update(1, new(1, "Reading", "2"), 0, 80);
        Assert.Empty(Written());
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        _pane.Update(1, new(1, "Reading", "3"), 0, 80);
        Assert.Equal("\e[JReading  3\r", Written());
        _pane.Update(1, new(2, "Within", "a") { ParentActivityId = 1 }, 0, 80);
        Assert.Equal("\e[JReading  3\r\n  Within  a\e[1A\r", Written());
        _pane.Update(1, new(1, "Reading", "-") { RecordType = ProgressRecordType.Completed }, 0, 80);
        _pane.Update(1, new(2, "Within", "-") { RecordType = ProgressRecordType.Completed }, 0, 80);
        Assert.EndsWith("\e[J", Written(), StringComparison.Ordinal);
    }

    [Fact]
    public void Many_activities_take_a_few_lines_and_none_are_left_after_the_pipeline()
    {
        for (var i = 0; i < 10; i++)
        {
            _pane.Update(1, new(i, $"Activity{i}", "x"), 0, 80);
        }

        var last = Written().Split("\e[J")[^1];
        Assert.Equal(ProgressPane.MaximumLines, last.Split("\r\n").Length);
        _pane.Reset();
        Assert.Equal("\e[J", Written());
        _pane.Update(1, new(20, "Next", "x"), 0, 80);
        Assert.Equal("Next  x\r", Written());
    }

    public void Dispose() => _screen.Dispose();

    private string Written()
    {
        var text = _screen.ToString();
        _screen.GetStringBuilder().Clear();
        return text;
    }

    private sealed class Clock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => _now += time.Ticks;

        public override long GetTimestamp() => _now;
    }
}
