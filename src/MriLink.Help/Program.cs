using System.Management.Automation;
using System.Management.Automation.Runspaces;
using MriLink.Help;

// Writes the MAML file that Get-Help reads: <manifest> <XML comments> <folder of examples> <output>.
if (args is not [var manifest, var comments, var examples, var output])
{
    Console.Error.WriteLine("usage: mrilink-help <manifest> <XML comments> <folder of examples> <output>");
    return 64;
}

// What was asked before is not to be read while the new one is made.
File.Delete(output);
using var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
runspace.Open();
using var shell = PowerShell.Create(runspace);
var cmdlets = shell.AddCommand("Import-Module").AddParameter("Name", manifest).AddParameter("ErrorAction", ActionPreference.Stop)
    .AddStatement().AddCommand("Get-Command").AddParameter("Module", "MriLink").AddParameter("CommandType", CommandTypes.Cmdlet)
    .Invoke<CmdletInfo>();
var help = new MamlWriter(new CommentReader(comments), examples);
Directory.CreateDirectory(Path.GetDirectoryName(output)!);
help.Write(cmdlets.OrderBy(c => c.Name, StringComparer.Ordinal), output);
foreach (var problem in help.Problems)
{
    Console.Error.WriteLine($"help : warning MRIHELP : {problem}");
}

return 0;
