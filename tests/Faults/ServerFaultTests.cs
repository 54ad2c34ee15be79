using MriLink.Core.Audit;
using MriLink.Core.Gallery;

namespace MriLink.Faults;

/// <summary>A PostgreSQL server that is killed while it is audited, with its durability as Debian ships it.</summary>
public sealed class ServerFaultTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mrilink-faults-").FullName;
    private readonly string _programs;

    public ServerFaultTests()
    {
        var versions = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        Assert.SkipWhen(versions.Length == 0, "PostgreSQL is not installed (Debian: apt-get install postgresql).");
        _programs = Path.Combine(versions.Order(StringComparer.Ordinal).Last(), "bin");
    }

    private static bool IsRoot => string.Equals(Environment.UserName, "root", StringComparison.Ordinal);

    private string Data => Path.Combine(_folder, "data");

    public void Dispose()
    {
        Postgres("pg_ctl", "stop", "-D", Data, "-m", "immediate");
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_server_that_is_killed_ends_the_audit_with_1_and_the_next_night_completes_it()
    {
        Assert.SkipWhen(IsRoot && Night.Shell("chown", "postgres", _folder) != 0,
            "The tests run as root and there is no user 'postgres' to run a server as.");
        Assert.SkipUnless(Postgres("initdb", "-D", Data, "-U", "mrilink", "-A", "trust", "-E", "UTF8") == 0
            && Serve(), "A PostgreSQL server could not be started.");
        var release = Path.Combine(_folder, "release");
        Night.MakeRelease(release);
        var random = new Random(17);
        var (kills, nights) = (0, 0);
        while (kills < Trials.ServerKills)
        {
            nights++;
            var place = $"Host={_folder};Username=mrilink;Database=postgres;Pooling=false;Search Path=night{nights}";
            var reports = Path.Combine(_folder, $"reports{nights}");
            VolumeGallery.Create(place);
            using (var process = Night.Start(place, release, reports))
            {
                process.WaitForExit(random.Next(50, 1500));
                var running = !process.HasExited;
                Postgres("pg_ctl", "stop", "-D", Data, "-m", "immediate");
                var output = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                Assert.True(Serve());
                if (running)
                {
                    // It may have had its last answer already.
                    Assert.True(process.ExitCode is AuditResult.NotDone or AuditResult.Linked, output);
                    kills += process.ExitCode == AuditResult.NotDone ? 1 : 0;
                }
            }

            Night.RequireAgreement(VolumeGallery.Open(place), reports);
            Assert.Contains(Night.Run(place, release, reports).ExitCode, new[] { 0, AuditResult.Linked });
            Night.RequireComplete(place, release, reports);
        }

        Night.Log($"{kills} kills of the server in {nights} nights");
    }

    private bool Serve() => Postgres(
        "pg_ctl", "start", "-D", Data, "-w", "-l", Path.Combine(_folder, "log"), "-o", $"-k {_folder} -c listen_addresses=") == 0;

    private int Postgres(string program, params string[] arguments)
    {
        var path = Path.Combine(_programs, program);
        return IsRoot ? Night.Shell("runuser", ["-u", "postgres", "--", path, .. arguments]) : Night.Shell(path, arguments);
    }
}
