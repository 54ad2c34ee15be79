using System.Buffers.Binary;
using System.Runtime.InteropServices;
using MriLink.Core.Preprocessing.Engines;

namespace MriLink.SimpleItk;

/// <summary>For which system and processor a native library was built, by the first bytes of its file.</summary>
internal static class BinaryFile
{
    // The largest part of a file that is looked at: a Windows header begins within the first kilobyte.
    private const int StartLength = 4096;

    /// <summary>
    /// What keeps this process from loading a library, and whose fault it is: "is built for Windows, x64, and …"; null when nothing in its header
    /// does.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static (EngineProblem Problem, string Text)? Mismatch(string path)
    {
        using var handle = File.OpenHandle(path);
        var start = new byte[StartLength];
        var length = RandomAccess.Read(handle, start, 0);
        var built = Describe(start.AsSpan(0, length));
        if (built is null)
        {
            return (EngineProblem.NativeLibraryUnusable, "is no native library");
        }

        if (IsCut(start.AsSpan(0, length), RandomAccess.GetLength(handle)))
        {
            return (EngineProblem.NativeLibraryUnusable, "is incomplete: it ends before its own end");
        }

        return string.Equals(built.Value.System, ThisSystem, StringComparison.Ordinal)
            && built.Value.Processors.Contains(RuntimeInformation.ProcessArchitecture)
            ? null
            : (EngineProblem.WrongArchitecture,
                $"is built for {built.Value.System}, {string.Join(" and ", built.Value.Processors.Select(Name))}, and this is {ThisSystem}, "
                    + $"{Name(RuntimeInformation.ProcessArchitecture)}");
    }

    private static string ThisSystem => OperatingSystem.IsWindows() ? "Windows" : OperatingSystem.IsMacOS() ? "macOS" : "Linux";

    private static string Name(Architecture? processor) => processor?.ToString().ToLowerInvariant() ?? "another processor";

    // System V ABI, figure 4-3; PE format, "COFF File Header"; mach-o/loader.h and mach-o/fat.h.
    private static (string System, Architecture?[] Processors)? Describe(ReadOnlySpan<byte> file)
    {
        const int elfMachine = 18;
        const int windowsHeaderOffset = 0x3c;
        if (file.StartsWith("\u007fELF"u8) && file.Length >= elfMachine + 2)
        {
            return ("Linux", [BinaryPrimitives.ReadUInt16LittleEndian(
                file[elfMachine..]) switch { 62 => Architecture.X64, 183 => Architecture.Arm64, 3 => Architecture.X86, 40 => Architecture.Arm, _ =>
                null }]);
        }

        if (file.StartsWith("MZ"u8) && file.Length >= windowsHeaderOffset + 4)
        {
            var header = BinaryPrimitives.ReadUInt32LittleEndian(file[windowsHeaderOffset..]);
            return header + 6 <= file.Length
                ? ("Windows", [BinaryPrimitives.ReadUInt16LittleEndian(
                    file[((int)header + 4)..]) switch { 0x8664 => Architecture.X64, 0xAA64 => Architecture.Arm64, 0x14C => Architecture.X86, _ =>
                    null }])
                : null;
        }

        if (file.Length < 8)
        {
            return null;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(file) == 0xFEEDFACF)
        {
            return ("macOS", [MacProcessor(BinaryPrimitives.ReadUInt32LittleEndian(file[4..]))]);
        }

        // One library for several processors: 20 bytes each.
        var count = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(file[4..]), 8);
        if (BinaryPrimitives.ReadUInt32BigEndian(file) != 0xCAFEBABE || file.Length < 8 + (20 * count))
        {
            return null;
        }

        var processors = new Architecture?[count];
        for (var i = 0; i < count; i++)
        {
            processors[i] = MacProcessor(BinaryPrimitives.ReadUInt32BigEndian(file[(8 + (20 * i))..]));
        }

        return ("macOS", processors);
    }

    // Linux maps a file that ends early all the same, and kills the process that looks beyond the end. Linkers put the section table last.
    private static bool IsCut(ReadOnlySpan<byte> file, long length)
    {
        const int wordSize = 4;
        const int header64 = 64;
        if (!file.StartsWith("\u007fELF"u8) || file.Length < header64 || file[wordSize] != 2)
        {
            return false;
        }

        var table = BinaryPrimitives.ReadUInt64LittleEndian(file[0x28..]);
        var (entry, count) = (BinaryPrimitives.ReadUInt16LittleEndian(file[0x3a..]), BinaryPrimitives.ReadUInt16LittleEndian(file[0x3c..]));
        return table > (ulong)length || table + ((ulong)entry * count) > (ulong)length;
    }

    private static Architecture? MacProcessor(uint type) =>
        type switch { 0x01000007 => Architecture.X64, 0x0100000C => Architecture.Arm64, _ => null };
}
