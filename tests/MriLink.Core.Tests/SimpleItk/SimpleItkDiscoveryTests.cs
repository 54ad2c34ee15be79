using System.Runtime.InteropServices;
using MriLink.Core.Preprocessing.Engines;
using MriLink.SimpleItk;

namespace MriLink.Core.Tests.SimpleItk;

/// <summary>Where SimpleITK is looked for, which versions are taken, and what a user is told when it cannot be used.</summary>
public sealed class SimpleItkDiscoveryTests : IDisposable
{
    private readonly SimpleItkFolder _simpleItk = new();

    public void Dispose() => _simpleItk.Dispose();

    [Fact]
    public void The_path_that_is_given_goes_before_the_variable_and_that_before_the_modules_folder()
    {
        using var second = new SimpleItkFolder();
        var module = Directory.CreateDirectory(_simpleItk.InFolder("module")).FullName;
        var own = Directory.CreateDirectory(Path.Combine(module, "engines", "simpleitk")).FullName;
        File.Copy(_simpleItk.InFolder(SimpleItkFolder.Managed), Path.Combine(own, SimpleItkFolder.Managed));

        Assert.Equal(_simpleItk.Folder, new SimpleItkSearch(_simpleItk.Folder, second.Folder, module).Find());
        Assert.Equal(second.Folder, new SimpleItkSearch(null, second.Folder, module).Find());
        Assert.Equal(second.Folder, new SimpleItkSearch(null, second.InFolder(SimpleItkFolder.Managed), module).Find());
        Assert.Equal(own, new SimpleItkSearch(null, null, module).Find());
        Assert.Equal(own, new SimpleItkSearch(null, "", module).Find());
    }

    [Fact]
    public void A_place_that_is_named_and_wrong_is_an_error_though_there_is_another()
    {
        var given = Failure(new("/no/such/folder", _simpleItk.Folder, _simpleItk.Folder));
        Assert.Equal(EngineProblem.ManagedLibraryMissing, given.Problem);
        Assert.Contains("that -SimpleItkPath names, '/no/such/folder', does not exist",
            given.Message.Replace(Path.GetFullPath("/no/such/folder"), "/no/such/folder", StringComparison.Ordinal), StringComparison.Ordinal);

        var empty = Directory.CreateDirectory(_simpleItk.InFolder("empty")).FullName;
        var variable = Failure(new(null, empty, _simpleItk.Folder));
        Assert.Equal(EngineProblem.ManagedLibraryMissing, variable.Problem);
        Assert.Contains($"that $env:MRILINK_SIMPLEITK names, '{empty}', holds no SimpleITKCSharpManaged.dll", variable.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Where_there_is_none_the_error_says_what_to_get_and_where_to_put_it()
    {
        var failure = Failure(new(null, null, _simpleItk.Folder));

        Assert.Equal(EngineProblem.NotInstalled, failure.Problem);
        Assert.Contains("SimpleITK 2.1 to 2.5", failure.Message, StringComparison.Ordinal);
        Assert.Contains(RuntimeInformation.RuntimeIdentifier, failure.Message, StringComparison.Ordinal);
        Assert.Contains($"{SimpleItkFolder.Managed} and {SimpleItkFolder.Native}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("https://github.com/SimpleITK/SimpleITK/releases", failure.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_simpleItk.Folder, "engines", "simpleitk"), failure.Message, StringComparison.Ordinal);
        Assert.Contains("-SimpleItkPath or $env:MRILINK_SIMPLEITK", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Theory]
    [InlineData("2.1.0", true)]
    [InlineData("2.5.9", true)]
    [InlineData("2.0.2", false)]
    [InlineData("2.6.0", false)]
    [InlineData("1.2.4", false)]
    [InlineData("3.1.0", false)]
    public void Versions_from_2_1_to_2_5_are_taken(string version, bool taken)
    {
        using var folder = new SimpleItkFolder(version);
        if (taken)
        {
            Assert.Equal($"SimpleITK {version} (ITK test double)", folder.Load().ToString());
            return;
        }

        var failure = Failure(folder.Search);
        Assert.Equal(EngineProblem.VersionUnsupported, failure.Problem);
        Assert.Contains($"is SimpleITK {version} (ITK test double); MriLink works with 2.1 to 2.5.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_native_library_is_named()
    {
        File.Delete(_simpleItk.InFolder(SimpleItkFolder.Native));
        Expect(EngineProblem.NativeLibraryMissing, $"has SimpleITKCSharpManaged.dll, but {SimpleItkFolder.Native} is missing");
    }

    [Fact]
    public void A_library_for_another_processor_or_system_is_told_by_its_header()
    {
        // ELF for PowerPC; Windows for x64; macOS for both of its processors.
        byte[] elf = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, .. new byte[11], 21, 0, .. new byte[44]];
        var windows = new byte[512];
        (windows[0], windows[1], windows[0x3c], windows[0x80], windows[0x81], windows[0x84], windows[0x85]) =
            ((byte)'M', (byte)'Z', 0x80, (byte)'P', (byte)'E', 0x64, 0x86);
        byte[] mac = [0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 2, 1, 0, 0, 7, .. new byte[16], 1, 0, 0, 12, .. new byte[16]];

        Replace(elf);
        Expect(EngineProblem.WrongArchitecture, "is built for Linux, another processor, and this is");
        if (!OperatingSystem.IsWindows())
        {
            Replace(windows);
            Expect(EngineProblem.WrongArchitecture, "is built for Windows, x64, and this is");
        }

        if (!OperatingSystem.IsMacOS())
        {
            Replace(mac);
            Expect(EngineProblem.WrongArchitecture, "is built for macOS, x64 and arm64, and this is");
        }

        Replace("no library"u8);
        Expect(EngineProblem.NativeLibraryUnusable, "is no native library");
    }

    [Fact]
    public void A_native_library_that_does_not_load_is_told_in_the_systems_words()
    {
        // A good library that says it is an object file.
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What is done to the library is done to an ELF file.");
        var library = File.ReadAllBytes(_simpleItk.InFolder(SimpleItkFolder.Native));
        library[16] = 1;
        Replace(library);
        Expect(EngineProblem.NativeLibraryUnusable, $"has a {SimpleItkFolder.Native} that this system does not load");

        // Half of a good one, as an interrupted download leaves it, would end the process.
        Replace(library.AsSpan(0, library.Length / 2));
        Expect(EngineProblem.NativeLibraryUnusable, $"has a {SimpleItkFolder.Native} that is incomplete");
    }

    [Fact]
    public void A_managed_library_that_is_none_or_of_something_else_is_told()
    {
        File.WriteAllText(_simpleItk.InFolder(SimpleItkFolder.Managed), "no assembly");
        Expect(EngineProblem.ManagedLibraryUnusable, "has a SimpleITKCSharpManaged.dll that is no library for");

        File.Copy(typeof(SimpleItkDiscoveryTests).Assembly.Location, _simpleItk.InFolder(SimpleItkFolder.Managed), overwrite: true);
        Expect(EngineProblem.ManagedLibraryUnusable, "lacks itk.simple.Version: it is not the C# binding of SimpleITK 2.1 to 2.5");
    }

    [Fact]
    public void A_folder_that_was_put_right_is_taken_and_loaded_once()
    {
        var native = File.ReadAllBytes(_simpleItk.InFolder(SimpleItkFolder.Native));
        File.Delete(_simpleItk.InFolder(SimpleItkFolder.Native));
        Failure(_simpleItk.Search);
        File.WriteAllBytes(_simpleItk.InFolder(SimpleItkFolder.Native), native);

        Assert.Same(_simpleItk.Load(), _simpleItk.Load());
    }

    [Fact]
    public void The_list_of_engines_says_what_there_is_and_why_something_is_not()
    {
        var with = PreprocessingEngines.Describe(_simpleItk.Search);
        Assert.Equal(["BuiltIn", "SimpleITK"], with.Select(e => e.Name));
        Assert.All(with, e => Assert.True(e.Available));
        Assert.Equal((_simpleItk.Folder, "2.4.1 (ITK test double)"), (with[1].Path, with[1].Version));
        Assert.Equal(["Reading", "BiasCorrection", "Registration", "Resampling"], with[1].Capabilities);

        var without = PreprocessingEngines.Describe(new(null, null, "/nowhere"))[1];
        Assert.False(without.Available);
        Assert.Null(without.Version);
        Assert.Contains("is not installed", without.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Engines_go_by_their_names_in_any_case()
    {
        Assert.Same(PreprocessingEngine.BuiltIn, PreprocessingEngines.Get("builtin", _simpleItk.Search));
        Assert.Same(_simpleItk.Load(), PreprocessingEngines.Get("simpleitk", _simpleItk.Search));
        Assert.Throws<ArgumentException>(() => PreprocessingEngines.Get("other", _simpleItk.Search));
    }

    [Theory]
    [InlineData("Exception thrown in SimpleITK ImageFileReader_Execute: /a/sitkReader.cxx:99:\nsitk::ERROR: The file \"x\" does not exist.",
        "The file \"x\" does not exist")]
    [InlineData("Exception thrown in SimpleITK Image_SetSpacing: /a/itkImageBase.hxx:72:\nITK ERROR: Image(0x55): Bad spacing.",
        "Image(0x55): Bad spacing")]
    [InlineData("Unknown exception thrown", "Unknown exception thrown")]
    [InlineData("", "InvalidOperationException")]
    public void Of_an_exception_that_is_kept_which_a_user_understands(string message, string kept) =>
        Assert.Equal(kept, SimpleItkError.Text(new InvalidOperationException(message)));

    private void Replace(ReadOnlySpan<byte> native) => File.WriteAllBytes(_simpleItk.InFolder(SimpleItkFolder.Native), native.ToArray());

    private void Expect(EngineProblem problem, string text)
    {
        var failure = Failure(_simpleItk.Search);
        Assert.Equal(problem, failure.Problem);
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
        Assert.Contains(_simpleItk.Folder, failure.Message, StringComparison.Ordinal);
    }

    private static EngineUnavailableException Failure(SimpleItkSearch search) =>
        Assert.Throws<EngineUnavailableException>(() => PreprocessingEngines.Get("SimpleITK", search));
}
