using System.Collections;
using System.Management.Automation;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>
/// Says why a scan that is no volume, a signature, is not taken where voxels are needed; PowerShell would only say that it cannot be bound.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class VolumeTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var given = Unwrapped(inputData);
        foreach (var one in given is IEnumerable several and not string ? several.Cast<object?>() : [given])
        {
            if (Unwrapped(one) is MriScan scan and not MriVolume)
            {
                throw new ArgumentTransformationMetadataException(
                    $"'{scan.Name}' is a signature: it has no voxels, and can only be compared with other signatures.");
            }
        }

        return inputData;
    }

    private static object? Unwrapped(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
