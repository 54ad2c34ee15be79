using System.Collections;
using System.Runtime.CompilerServices;

namespace MriLink.Core.Basics;

/// <summary>A list that reads as one line where a table or a CSV file has a single cell for it.</summary>
/// <typeparam name="T">What it lists.</typeparam>
[CollectionBuilder(typeof(PlainList), nameof(PlainList.Of))]
public sealed class PlainList<T> : IReadOnlyList<T>
{
    private readonly T[] _items;

    internal PlainList(T[] items) => _items = items;

    /// <inheritdoc/>
    public int Count => _items.Length;

    /// <inheritdoc/>
    public T this[int index] => _items[index];

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_items).GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() =>
        string.Join("; ", _items.Select(
        item => item is IFormattable number ? number.ToString(null, System.Globalization.CultureInfo.InvariantCulture) : item?.ToString()));

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Makes <see cref="PlainList{T}"/>.</summary>
public static class PlainList
{
    /// <summary>A list of these.</summary>
    public static PlainList<T> Of<T>(ReadOnlySpan<T> items) => new(items.ToArray());
}
