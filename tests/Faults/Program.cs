using MriLink.Core.Audit;
using MriLink.Core.Basics;
using MriLink.Core.Gallery;

namespace MriLink.Faults;

/// <summary>Runs the tests; or, started by one of them, a whole audit in a process of its own, which can be killed.</summary>
internal static class Program
{
    /// <summary>The first argument of the process that audits; then come gallery, release and report folder.</summary>
    public const string AuditArgument = "--audit";

    /// <summary>What that process prints once the audit begins.</summary>
    public const string Begun = "begun";

    public static int Main(string[] args)
    {
        if (args is [AuditArgument, var gallery, var release, var reports])
        {
            return Audit(gallery, release, reports);
        }

        return Array.Exists(args, arg => arg is "--server" or "--internal-msbuild-node")
            ? Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
                .GetAwaiter().GetResult()
            : Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args).GetAwaiter().GetResult();
    }

    // The exit codes are those of Invoke-MriAudit -SetExitCode.
    private static int Audit(string gallery, string release, string reports)
    {
        try
        {
            var audit = Night.Prepare(VolumeGallery.Open(gallery), release, reports);
            Console.WriteLine(Begun);
            var result = audit.Run(Night.Files(release), new WorkOptions(2, CancellationToken.None));
            foreach (var problem in result.Problems)
            {
                Console.WriteLine(problem);
            }

            return result.ExitCode;
        }
        catch (Exception exception)
        {
            Console.WriteLine($"{exception.GetType().Name}: {exception.Message}");
            return AuditResult.NotDone;
        }
    }
}
