using System.Collections;
using System.Management.Automation;
using MriLink.Core.Linkage;

namespace MriLink.Commands;

/// <summary>Lets a parameter that takes matches take such as have been in a file or in another process.</summary>
internal sealed class RestoredMatchAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        // A job gives an array back as a list.
        object?[] items = (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is IList several ? [.. several.Cast<object?>()]
            : [inputData];
        return Array.Exists(items, IsRow) ? Array.ConvertAll(items, item => IsRow(item) ? Read((PSObject)item!) : item) : inputData;
    }

    private static bool IsRow(object? item) =>
        item is PSObject { BaseObject: not ScanMatch } row && row.Properties[nameof(ScanMatch.Score)] is not null;

    private static ScanMatch Read(PSObject row)
    {
        try
        {
            return new PlainRow(row).ToMatch([]) ?? throw new FormatException("It has no score.");
        }
        catch (FormatException exception)
        {
            throw new ArgumentTransformationMetadataException($"The match cannot be read: {exception.Message}", exception);
        }
    }
}
