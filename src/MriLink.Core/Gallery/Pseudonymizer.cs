using System.Security.Cryptography;
using System.Text;
using MriLink.Core.Basics;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Core.Gallery;

/// <summary>Puts keyed hashes (HMAC-SHA-256) in the place of labels, paths and content hashes.</summary>
/// <remarks>
/// The same label gives the same pseudonym under one key, so that lists can still be joined by whoever holds the key; without it, not
/// even a guess of the label can be checked. What is stored of a scan is still its brain: whoever has another scan of the person can
/// recognise it by the image, as this module does.
/// </remarks>
public sealed class Pseudonymizer
{
    // 96 bits: no two of a billion labels share a pseudonym but with a chance of one in 10^11.
    private const int PseudonymBytes = 12;

    private readonly byte[] _key;

    /// <summary>Uses a secret.</summary>
    public Pseudonymizer(SecretKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _key = key.Derive(SecretKey.ForPseudonyms);
    }

    /// <summary>Tells keys apart without giving one away.</summary>
    public string KeyId => Hash("key", string.Empty)[..16];

    /// <summary>The pseudonym of a text.</summary>
    /// <param name="kind">What the text is; the same text of another kind gets another pseudonym.</param>
    /// <param name="text">The text.</param>
    public string Hash(string kind, string text)
    {
        var bytes = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{kind}\0{text}"));
        return Convert.ToHexString(bytes, 0, PseudonymBytes).ToLowerInvariant();
    }

    /// <summary>The identity under pseudonyms.</summary>
    public ScanIdentity Hide(ScanIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return new(
            Hash("participant", identity.Participant),
            identity.Session is null ? null : Hash("session", identity.Session),
            identity.Run is null ? null : Hash("run", identity.Run),
            identity.Path is null ? null : Hash("path", identity.Path));
    }

    /// <summary>The provenance without what would tell a file that somebody has.</summary>
    public Provenance Hide(Provenance provenance)
    {
        ArgumentNullException.ThrowIfNull(provenance);
        return provenance with
        {
            InputHash = HideContent(provenance.InputHash),
            BrainMaskHash = provenance.BrainMaskHash is null ? null : HideContent(provenance.BrainMaskHash),
        };
    }

    /// <summary>The pseudonym of a content hash.</summary>
    public string HideContent(string contentHash) => "hmac:" + Hash("content", contentHash);
}
