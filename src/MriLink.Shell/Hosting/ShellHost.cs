using System.Globalization;
using System.Management.Automation.Host;
using System.Reflection;

namespace MriLink.Shell.Hosting;

/// <summary>What the engine knows of this program.</summary>
/// <param name="userInterface">Where output goes and answers come from.</param>
internal sealed class ShellHost(ShellUserInterface userInterface) : PSHost
{
    private readonly CultureInfo _culture = CultureInfo.CurrentCulture;

    // Help is written in one language; the invariant culture names no folder that it could be found in.
    private readonly CultureInfo _uiCulture = CultureInfo.CurrentUICulture.Name.Length > 0
        ? CultureInfo.CurrentUICulture
        : CultureInfo.GetCultureInfo("en-US");

    /// <summary>The program's version, without the build.</summary>
    public static Version ProgramVersion { get; } = typeof(ShellHost).Assembly.GetName().Version ?? new();

    /// <summary>The version of the engine it runs on.</summary>
    public static string EngineVersion { get; } = EngineVersionText();

    /// <summary>The code that <c>exit</c> or <c>$Host.SetShouldExit</c> asked for; null while neither has.</summary>
    public int? RequestedExit { get; private set; }

    /// <summary>Runs a prompt inside the running pipeline; set while there is somebody to prompt.</summary>
    public Action? NestedPrompt { get; set; }

    /// <summary>Whether the innermost nested prompt is to end.</summary>
    public bool NestedPromptShouldEnd { get; set; }

    /// <inheritdoc/>
    public override string Name => "MriLink";

    /// <inheritdoc/>
    public override Version Version => ProgramVersion;

    /// <inheritdoc/>
    public override Guid InstanceId { get; } = Guid.NewGuid();

    /// <inheritdoc/>
    public override PSHostUserInterface UI => userInterface;

    /// <inheritdoc/>
    public override CultureInfo CurrentCulture => _culture;

    /// <inheritdoc/>
    public override CultureInfo CurrentUICulture => _uiCulture;

    /// <inheritdoc/>
    public override void SetShouldExit(int exitCode) => RequestedExit = exitCode;

    /// <inheritdoc/>
    public override void EnterNestedPrompt()
    {
        if (NestedPrompt is null)
        {
            throw NonInteractive.Refusal();
        }

        NestedPrompt();
    }

    /// <inheritdoc/>
    public override void ExitNestedPrompt() => NestedPromptShouldEnd = true;

    /// <inheritdoc/>
    public override void NotifyBeginApplication() => userInterface.HideProgress();

    /// <inheritdoc/>
    public override void NotifyEndApplication() => userInterface.ForgetColumn();

    private static string EngineVersionText()
    {
        var engine = typeof(PSHost).Assembly;
        var text = engine.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? string.Empty;

        // "7.6.9 SHA: ..." as built.
        return text.Split(' ', '+')[0];
    }
}
