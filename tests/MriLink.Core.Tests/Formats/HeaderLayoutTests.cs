using MriLink.Core.Formats;

namespace MriLink.Core.Tests.Formats;

public sealed class HeaderLayoutTests
{
    private static readonly HeaderLayout Layout = new("size i 0 1, dim h 4 3, name t 10 6\nflag b 16 1, offset l 17 1, slope f 25 1, exact d 29 2");

    [Fact]
    public void What_is_written_is_read_at_the_places_of_the_table()
    {
        var bytes = new byte[45];
        Layout.Write(bytes, "size", 348);
        Layout.Write(bytes, "dim", 3, -1, 7);
        Layout.Write(bytes, "name", "abc");
        Layout.Write(bytes, "flag", 255);
        Layout.Write(bytes, "offset", 1L << 40);
        Layout.Write(bytes, "slope", 0.1);
        Layout.Write(bytes, "exact", 1, 0.1);

        Assert.Equal([0x5c, 1, 0, 0, 3, 0, 0xff, 0xff, 7, 0], bytes[..10]);
        Assert.Equal((348, -1, 255, 1L << 40), (Integer("size"), Integer("dim", 1), Integer("flag"), Integer("offset")));
        Assert.Equal((348, 7, 0.1f, 0.1), (Number("size"), Number("dim", 2), Number("slope"), Number("exact", 1)));
        Assert.Equal(["348", "3 -1 7", "abc", "255", "1099511627776", "0.1", "1 0.1"], Layout.Read(bytes, bigEndian: false).Select(f => f.Value));
        Assert.Equal(0x5c010000, Layout.Integer(bytes, bigEndian: true, "size"));

        long Integer(string name, int index = 0) => Layout.Integer(bytes, bigEndian: false, name, index);
        double Number(string name, int index = 0) => Layout.Number(bytes, bigEndian: false, name, index);
    }

    [Fact]
    public void What_the_table_does_not_have_is_refused()
    {
        var bytes = new byte[45];

        Assert.Throws<KeyNotFoundException>(() => Layout.Integer(bytes, bigEndian: false, "depth"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Layout.Integer(bytes, bigEndian: false, "dim", 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Layout.Write(bytes, "exact", 1, 2, 3));
        Assert.Throws<ArgumentException>(() => Layout.Integer(bytes, bigEndian: false, "slope"));
        Assert.Throws<ArgumentException>(() => Layout.Write(bytes, "name", 1.0));
        Assert.Throws<ArgumentException>(() => Layout.Write(bytes, "name", "longer than six"));
    }
}
