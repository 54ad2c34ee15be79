using System.Data.Common;
using System.Security.Cryptography;

namespace MriLink.Core.Gallery;

/// <summary>Signatures that a gallery keeps beside its entries. One that is not as it was written counts as missing.</summary>
internal sealed class StoredSignatures(GalleryServer server)
{
    /// <summary>The entries that have one.</summary>
    public HashSet<long> Ids(CancellationToken cancellationToken) =>
        server.Run(connection => connection.Query("SELECT entry_id FROM signatures", row => row.Reference(0)), cancellationToken).OfType<long>()
            .ToHashSet();

    /// <summary>Keeps signatures of entries that are still there and have none.</summary>
    public void Add(IEnumerable<(long Id, byte[] Content)> signatures, CancellationToken cancellationToken) => server.Write(
        connection =>
        {
            foreach (var (id, content) in signatures)
            {
                connection.Execute(
                    "INSERT INTO signatures (entry_id, content, checksum) SELECT id, @content, @sum FROM entries WHERE id = @id ON CONFLICT "
                        + "(entry_id) DO NOTHING",
                    ("@id", id),
                    ("@content", content),
                    ("@sum", ChecksumOf(id, content)));
            }

            return true;
        },
        cancellationToken);

    /// <summary>Gives every signature to <paramref name="take"/>.</summary>
    public void Read(Action<long, byte[]> take, CancellationToken cancellationToken) => server.Run(
        connection => connection.Query("SELECT entry_id, checksum, content FROM signatures", row =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            Take(row, take);
            return true;
        }),
        cancellationToken);

    /// <summary>The signatures of some entries; those that have none are left out.</summary>
    public IReadOnlyList<byte[]> Read(IEnumerable<long> ids, CancellationToken cancellationToken) => server.Run(
        connection =>
        {
            var found = new List<byte[]>();
            foreach (var id in ids)
            {
                connection.Query("SELECT entry_id, checksum, content FROM signatures WHERE entry_id = @id", row =>
                {
                    Take(row, (_, content) => found.Add(content));
                    return true;
                },
                ("@id", id));
            }

            return found;
        },
        cancellationToken);

    /// <summary>The checksum that a row (entry, checksum, content) must have.</summary>
    internal static string ChecksumOf(DbDataReader row) => ChecksumOf(row.Integer(0), (byte[])row[2]);

    private static string ChecksumOf(long id, byte[] content) => RowChecksum.Of("signatures", id, Convert.ToHexString(SHA256.HashData(content)));

    private static void Take(DbDataReader row, Action<long, byte[]> take)
    {
        if (row.ReadOrNull(r => r.Text(1)) is { } sum && string.Equals(sum, row.ReadOrNull(ChecksumOf), StringComparison.Ordinal))
        {
            take(row.GetInt64(0), (byte[])row[2]);
        }
    }
}
