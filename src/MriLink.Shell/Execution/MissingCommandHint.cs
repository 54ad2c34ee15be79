using System.Collections.Frozen;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;

namespace MriLink.Shell.Execution;

/// <summary>Says, after a well-known cmdlet was not found, that this shell has only the core ones and where the others are.</summary>
internal sealed class MissingCommandHint
{
    // The cmdlets that people expect of any PowerShell and that come in modules other than Microsoft.PowerShell.Core.
    private static readonly FrozenSet<string> OtherModules = FrozenSet.ToFrozenSet(
        """
        Add-Content Add-Member Add-Type Clear-Content Clear-Item Clear-ItemProperty Clear-RecycleBin Clear-Variable Compare-Object
        Compress-Archive Convert-Path ConvertFrom-Csv ConvertFrom-Json ConvertFrom-Markdown ConvertFrom-SecureString ConvertFrom-StringData
        ConvertTo-Csv ConvertTo-Html ConvertTo-Json ConvertTo-SecureString ConvertTo-Xml Copy-Item Copy-ItemProperty Debug-Process
        Expand-Archive Export-Alias Export-Clixml Export-Csv Find-Module Find-PSResource Format-Custom Format-Hex Format-List Format-Table
        Format-Wide Get-Acl Get-Alias Get-ChildItem Get-Clipboard Get-ComputerInfo Get-Content Get-Credential Get-Culture Get-Date Get-Error
        Get-Event Get-EventSubscriber Get-ExecutionPolicy Get-FileHash Get-FormatData Get-Host Get-Item Get-ItemProperty
        Get-ItemPropertyValue Get-Location Get-Member Get-Process Get-PSBreakpoint Get-PSCallStack Get-PSDrive Get-PSProvider Get-Random
        Get-SecureRandom Get-Service Get-TimeZone Get-TraceSource Get-TypeData Get-UICulture Get-Unique Get-Uptime Get-Variable Get-Verb
        Group-Object Import-Alias Import-Clixml Import-Csv Import-LocalizedData Import-PowerShellDataFile Install-Module Install-PSResource
        Invoke-Expression Invoke-Item Invoke-RestMethod Invoke-WebRequest Join-Path Join-String Measure-Command Measure-Object
        Move-Item Move-ItemProperty New-Alias New-Event New-Guid New-Item New-ItemProperty New-Object New-PSDrive New-TemporaryFile
        New-TimeSpan New-Variable Out-File Out-GridView Out-Printer Out-String Pop-Location Push-Location Read-Host Register-EngineEvent
        Register-ObjectEvent Remove-Alias Remove-Event Remove-Item Remove-ItemProperty Remove-PSBreakpoint Remove-PSDrive Remove-TypeData
        Remove-Variable Rename-Item Rename-ItemProperty Resolve-Path Restart-Computer Restart-Service Select-Object Select-String Select-Xml
        Send-MailMessage Set-Acl Set-Alias Set-Clipboard Set-Content Set-Date Set-ExecutionPolicy Set-Item Set-ItemProperty Set-Location
        Set-PSBreakpoint Set-Service Set-TimeZone Set-Variable Show-Markdown Sort-Object Split-Path Start-Process Start-Service Start-Sleep
        Start-ThreadJob Start-Transcript Stop-Computer Stop-Process Stop-Service Stop-Transcript Tee-Object Test-Connection Test-Json
        Test-Path Trace-Command Unblock-File Unregister-Event Update-FormatData Update-TypeData Wait-Debugger Wait-Event Wait-Process
        Write-Debug Write-Error Write-Host Write-Information Write-Output Write-Progress Write-Verbose Write-Warning
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
        StringComparer.OrdinalIgnoreCase);

    private readonly Lock _lock = new();
    private readonly HashSet<string> _missing = new(StringComparer.OrdinalIgnoreCase);
    private readonly SortedSet<string> _toExplain = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _explained = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Watches for commands that <paramref name="runspace"/> does not find.</summary>
    public MissingCommandHint(Runspace runspace)
    {
        var engine = (EngineIntrinsics)runspace.SessionStateProxy.GetVariable("ExecutionContext");
        engine.InvokeCommand.CommandNotFoundAction = (_, lookup) => NoteMissing(lookup.CommandName);
    }

    /// <summary>Takes in the text of an error that was shown: only an error that the user sees needs explaining.</summary>
    public void NoteError(string text)
    {
        lock (_lock)
        {
            _toExplain.UnionWith(_missing.Where(m => text.Contains(m, StringComparison.OrdinalIgnoreCase) && !_explained.Contains(m)));
        }
    }

    /// <summary>Explains what was missing since the last time, each command once.</summary>
    public void Show(PSHostUserInterface userInterface)
    {
        string[] names;
        lock (_lock)
        {
            names = [.. _toExplain];
            _explained.UnionWith(names);
            _toExplain.Clear();
            _missing.Clear();
        }

        if (names.Length > 0)
        {
            userInterface.WriteErrorLine(
                $"Hint: mrilink has only the core cmdlets of PowerShell, and not {string.Join(", ", names)}. pwsh has, and can import the same MriLink module.");
            if (names.Contains("Set-Location", StringComparer.OrdinalIgnoreCase))
            {
                // The one thing that nobody at a prompt can do without.
                userInterface.WriteErrorLine("To change the folder: $ExecutionContext.SessionState.Path.SetLocation('...'), or start with -WorkingDirectory.");
            }
        }
    }

    private void NoteMissing(string name)
    {
        if (OtherModules.Contains(name[(name.LastIndexOf('\\') + 1)..]))
        {
            lock (_lock)
            {
                _missing.Add(name);
            }
        }
    }
}
