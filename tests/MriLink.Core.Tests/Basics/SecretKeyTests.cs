using System.Security.Cryptography;
using MriLink.Core.Basics;

namespace MriLink.Core.Tests.Basics;

public sealed class SecretKeyTests
{
    [Fact]
    public void Random_bytes_are_taken_and_each_use_has_a_key_of_its_own()
    {
        for (var i = 0; i < 1000; i++)
        {
            _ = new SecretKey(RandomNumberGenerator.GetBytes(32 + i));
        }

        // RFC 5869 by OpenSSL: openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:<key> -kdfopt info:"MriLink 1 signatures" HKDF
        var key = new SecretKey(SHA256.HashData("a test's secret"u8));
        Assert.Equal(Signatures, Convert.ToHexString(key.Derive(SecretKey.ForSignatures)));
        Assert.NotEqual(key.Derive(SecretKey.ForSignatures), key.Derive(SecretKey.ForPseudonyms));
    }

    [Theory]
    [InlineData("", "has 32 to")]
    [InlineData("31", "this one has 31")]
    [InlineData("zeros", "pattern")]
    [InlineData("count", "pattern")]
    [InlineData("pair", "pattern")]
    [InlineData("text", "is text")]
    [InlineData("hex", "is text")]
    public void What_can_be_guessed_is_refused(string kind, string problem)
    {
        byte[] bytes = kind switch
        {
            "" => [],
            "31" => RandomNumberGenerator.GetBytes(31),
            "zeros" => new byte[64],
            "count" => [.. Enumerable.Range(0, 32).Select(i => (byte)(7 * i))],
            "pair" => [.. Enumerable.Range(0, 32).Select(i => (byte)(i % 2 * 200))],
            "hex" => System.Text.Encoding.ASCII.GetBytes(Convert.ToHexString(RandomNumberGenerator.GetBytes(32))),
            _ => System.Text.Encoding.ASCII.GetBytes("correct horse battery staple is what everybody takes"),
        };

        Assert.Contains(problem, Assert.Throws<ArgumentException>(() => new SecretKey(bytes)).Message, StringComparison.Ordinal);
    }

    private const string Signatures = "C802D8B2D4441A3AAF7733E6B13C5E4A4CB4A488BC7752164BB35920494A57F1";
}
