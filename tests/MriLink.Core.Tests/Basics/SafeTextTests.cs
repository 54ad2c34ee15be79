using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Basics;

public sealed class SafeTextTests
{
    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("Müller 山田 🧠", "Müller 山田 🧠")]
    [InlineData("\u001b[31mred\u001b]0;title\u0007", "\uFFFD[31mred\uFFFD]0;title\uFFFD")]
    [InlineData("\u009b2J", "\uFFFD2J")]
    [InlineData("a\r\nb\tc\u2028d", "a  b c d")]
    [InlineData("evil\u202Efdp.exe", "evil\uFFFDfdp.exe")]
    [InlineData("\u200Bnothing", "\uFFFDnothing")]
    [InlineData("\0", "\uFFFD")]
    [InlineData(null, "")]
    public void Nothing_that_a_terminal_acts_on_comes_through(string? text, string expected) => Assert.Equal(expected, SafeText.ForTerminal(text));

    [Fact]
    public void Half_a_surrogate_pair_is_replaced() => Assert.Equal("a\uFFFDb", SafeText.ForTerminal("a\ud83eb"));

    [Fact]
    public void Long_text_is_cut_where_a_character_ends()
    {
        Assert.Equal("ab…", SafeText.ForTerminal("abc", 2));
        Assert.Equal("a…", SafeText.ForTerminal("a🧠", 2));
        Assert.Equal(SafeText.MaxLength + 1, SafeText.ForTerminal(new string('x', 1 << 20)).Length);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+49 30 1234", "'+49 30 1234")]
    [InlineData("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("  =1+1", "'  =1+1")]
    [InlineData("\t=1+1", "\"'\t=1+1\"")]
    [InlineData("-1.5e-3", "-1.5e-3")]
    [InlineData("+7", "+7")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void A_field_of_a_table_is_quoted_and_is_no_formula(string? text, string expected) => Assert.Equal(expected, SafeText.ForCsv(text));

    [Fact]
    public void Markup_is_escaped_in_a_page()
    {
        Assert.Equal("&lt;script&gt;alert(&quot;x&quot;, &#39;y&#39;)&lt;/script&gt; &amp; more",
            SafeText.ForHtml("<script>alert(\"x\", 'y')</script> & more"));
        Assert.DoesNotContain('\u001b', SafeText.ForHtml("\u001b[0m"));
    }

    [Fact]
    public void The_message_of_a_bad_file_is_safe_whatever_the_file_is_called()
    {
        var error = new MriFileException("/data/\u001b[2Jscan.nii", "holds '\u001b]0;x\u0007'.");

        Assert.DoesNotContain('\u001b', error.Message);
        Assert.DoesNotContain('\u0007', error.Message);
        Assert.Equal("/data/\u001b[2Jscan.nii", error.Path);
    }
}
