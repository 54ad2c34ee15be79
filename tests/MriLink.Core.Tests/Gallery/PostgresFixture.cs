using System.Diagnostics;

namespace MriLink.Core.Tests.Gallery;

/// <summary>A PostgreSQL server of the tests' own in a folder of its own, stopped and deleted after them.</summary>
/// <remarks>It listens on a socket in that folder alone. PostgreSQL does not run as root; its own user is then taken.</remarks>
public sealed class PostgresFixture : IDisposable
{
    private readonly string _folder = string.Empty;
    private readonly string _programs = string.Empty;
    private int _places;

    public PostgresFixture()
    {
        var versions = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        if (versions.Length == 0)
        {
            SkipReason = "PostgreSQL is not installed (Debian: apt-get install postgresql).";
            return;
        }

        _programs = Path.Combine(versions.Order(StringComparer.Ordinal).Last(), "bin");
        _folder = Directory.CreateTempSubdirectory("mrilink-pg-").FullName;
        if (IsRoot && Run("chown", "postgres", _folder) != 0)
        {
            SkipReason = "The tests run as root and there is no user 'postgres' to run a server as.";
            return;
        }

        var data = Path.Combine(_folder, "data");
        if (Postgres("initdb", "-D", data, "-U", "mrilink", "-A", "trust", "-E", "UTF8", "--no-sync") != 0
            || Postgres("pg_ctl", "start", "-D", data, "-w", "-l", Path.Combine(_folder, "log"), "-o",
                $"-k {_folder} -c listen_addresses= -c fsync=off") != 0)
        {
            SkipReason = "A PostgreSQL server could not be started.";
        }
    }

    public string? SkipReason { get; }

    /// <summary>A schema that nothing has used; skips the test when there is no server.</summary>
    public string Place()
    {
        if (SkipReason is not null)
        {
            Assert.Skip(SkipReason);
        }

        return $"Host={_folder};Username=mrilink;Database=postgres;Pooling=false;Search Path=place{Interlocked.Increment(ref _places)}";
    }

    private static bool IsRoot => string.Equals(Environment.UserName, "root", StringComparison.Ordinal);

    public void Dispose()
    {
        if (_folder.Length > 0)
        {
            Postgres("pg_ctl", "stop", "-D", Path.Combine(_folder, "data"), "-m", "immediate");
            Directory.Delete(_folder, recursive: true);
        }
    }

    private int Postgres(string program, params string[] arguments)
    {
        var path = Path.Combine(_programs, program);
        return IsRoot ? Run("runuser", ["-u", "postgres", "--", path, .. arguments]) : Run(path, arguments);
    }

    private int Run(string program, params string[] arguments)
    {
        // To no pipe: the server would inherit it and keep its reader waiting.
        var start = new ProcessStartInfo("sh") { WorkingDirectory = _folder };
        foreach (var argument in (string[])["-c", "exec \"$@\" >/dev/null 2>&1 </dev/null", "sh", program, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }
}

[CollectionDefinition(nameof(PostgresFixture))]
public sealed class PostgresCollectionDefinition : ICollectionFixture<PostgresFixture>;
