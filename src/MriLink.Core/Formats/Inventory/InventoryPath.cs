namespace MriLink.Core.Formats.Inventory;

/// <summary>A file or folder to look at.</summary>
/// <param name="Path">Full path.</param>
/// <param name="WithSubfolders">Of a folder: whether all that is below it is looked at too.</param>
public readonly record struct InventoryPath(string Path, bool WithSubfolders = true);
