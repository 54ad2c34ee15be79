using System.Management.Automation;
using System.Security;

namespace MriLink.Shell.Hosting;

/// <summary>Reads what must not be shown.</summary>
internal static class SecretReader
{
    /// <summary>Reads keys up to Enter and shows a star for each.</summary>
    /// <exception cref="PipelineStoppedException">Ctrl+C.</exception>
    public static SecureString FromKeys()
    {
        var secret = new SecureString();
        Console.TreatControlCAsInput = true;
        try
        {
            while (true)
            {
                var key = Console.ReadKey(intercept: true);
                switch (key)
                {
                    case { Key: ConsoleKey.C, Modifiers: ConsoleModifiers.Control }:
                        Console.Out.WriteLine();
                        throw new PipelineStoppedException();
                    case { Key: ConsoleKey.Enter }:
                        Console.Out.WriteLine();
                        secret.MakeReadOnly();
                        return secret;
                    case { Key: ConsoleKey.Backspace } when secret.Length > 0:
                        secret.RemoveAt(secret.Length - 1);
                        Console.Out.Write("\b \b");
                        break;
                    case var _ when !char.IsControl(key.KeyChar):
                        secret.AppendChar(key.KeyChar);
                        Console.Out.Write('*');
                        break;
                }
            }
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }

    /// <summary>Reads one line, where input is not typed.</summary>
    public static SecureString FromLine(TextReader input)
    {
        var secret = new SecureString();
        foreach (var character in input.ReadLine() ?? throw EndOfAnswers.Error())
        {
            secret.AppendChar(character);
        }

        secret.MakeReadOnly();
        return secret;
    }
}
