using MriLink.Core.Gallery;

namespace MriLink.Core.Tests.Gallery;

public sealed class PostgresGalleryTests(PostgresFixture server) : GalleryTests, IClassFixture<PostgresFixture>
{
    private int _places;

    protected override string Place()
    {
        if (server.SkipReason is { } reason)
        {
            Assert.Skip(reason);
        }

        return $"{server.ConnectionString};Search Path={TestContext.Current.Test!.UniqueID[..20]}{_places++}";
    }

    [Fact]
    public void Names_hold_no_password_and_a_server_that_is_not_there_is_told()
    {
        const string Place = "Host=127.0.0.1;Port=1;Username=u;Password=topsecret;Database=d;Timeout=2";

        Assert.Equal("127.0.0.1/d (mrilink)", VolumeGallery.NameOf(Place));
        var error = Assert.Throws<GalleryException>(() => VolumeGallery.Open(Place));
        Assert.Contains("cannot be reached", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", error.ToString(), StringComparison.Ordinal);
    }
}
