using System.Management.Automation;
using MriLink.Core.Linkage;

namespace MriLink.Commands;

/// <summary>Lets a parameter that takes a threshold take one that has been in a file or in another process.</summary>
internal sealed class RestoredThresholdAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (inputData is not PSObject row || row.BaseObject is LinkageThreshold or IConvertible
            || row.Properties[nameof(LinkageThreshold.Threshold)] is null)
        {
            return inputData;
        }

        try
        {
            return new PlainRow(row).ToThreshold();
        }
        catch (FormatException exception)
        {
            throw new ArgumentTransformationMetadataException($"The threshold cannot be read: {exception.Message}", exception);
        }
    }
}
