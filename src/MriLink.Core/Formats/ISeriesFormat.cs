namespace MriLink.Core.Formats;

/// <summary>A format whose volumes may be spread over several files of a folder, one a slice.</summary>
internal interface ISeriesFormat : IVolumeFormat;
