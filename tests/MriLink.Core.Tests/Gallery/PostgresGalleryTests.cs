using MriLink.Core.Gallery;

namespace MriLink.Core.Tests.Gallery;

[Collection(nameof(PostgresFixture))]
public sealed class PostgresGalleryTests(PostgresFixture server) : GalleryTests
{
    protected override string Place() => server.Place();

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
