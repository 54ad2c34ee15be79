namespace MriLink.Core.Similarity;

/// <summary>Several floats that one instruction works on, so that a loop is written once for vectors of any width.</summary>
/// <typeparam name="T">The type itself.</typeparam>
internal interface ILanes<T>
    where T : struct, ILanes<T>
{
    /// <summary>How many floats there are.</summary>
    static abstract int Count { get; }

    /// <summary>The same value in all lanes.</summary>
    static abstract T Of(float value);

    /// <summary>Reads as many values as there are lanes. That they are there is the caller's to know.</summary>
    static abstract T Load(ref float from);

    /// <summary>Writes all lanes.</summary>
    static abstract void Store(T values, ref float to);

    /// <summary>The first <paramref name="count"/> lanes of some values, and the other lanes of others.</summary>
    static abstract T First(int count, T values, T others);

    /// <summary>For each lane the values so many places before and behind it, added: the two that one weight of an even kernel meets.</summary>
    /// <param name="before">The vector before.</param>
    /// <param name="at">The vector whose lanes are meant, which stands in memory.</param>
    /// <param name="after">The vector behind.</param>
    /// <param name="memory">Where it stands.</param>
    /// <param name="distance">1, 2 or 3.</param>
    static abstract T Neighbours(T before, T at, T after, ref float memory, int distance);

    /// <summary>a·b + c.</summary>
    static abstract T MultiplyAdd(T a, T b, T c);

    /// <summary>The square root, and 0 of what is negative.</summary>
    static abstract T Root(T values);

    /// <summary>Sums.</summary>
    static abstract T operator +(T a, T b);

    /// <summary>Differences.</summary>
    static abstract T operator -(T a, T b);

    /// <summary>Products.</summary>
    static abstract T operator *(T a, T b);

    /// <summary>Quotients.</summary>
    static abstract T operator /(T a, T b);
}
