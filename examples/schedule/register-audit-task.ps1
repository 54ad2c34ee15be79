#requires -Version 7.4
<#
.SYNOPSIS
    The nightly audit by Windows Task Scheduler: registers a task that runs audit-releases.ps1. Run as administrator.
.DESCRIPTION
    pwsh must be installed, and the module where the task's account finds it: Install-PSResource -Scope AllUsers (see README.md here).
    The task's last result is the audit's exit code: 0 nothing linked, 2 links found, 3 not all checked, 1 not done.
#>
param(
    [string[]] $Release = 'D:\Releases',
    [string] $Gallery = 'D:\MriLink\brains.mrigallery',
    [string] $Report = 'D:\MriLink\Reports',
    [string] $TaskName = 'MriLink audit'
)

$script = Join-Path $PSScriptRoot 'audit-releases.ps1'

# An argument is quoted whole; a backslash at its end would quote the mark that closes it.
$folders = ($Release | ForEach-Object { '"{0}"' -f $_.TrimEnd('\') }) -join ' '
$arguments = "-NoProfile -NonInteractive -File `"$script`" -Release $folders -Gallery `"$Gallery`" -Report `"$Report`""
$action = New-ScheduledTaskAction -Execute (Get-Command pwsh).Source -Argument $arguments
$trigger = New-ScheduledTaskTrigger -Daily -At '02:30'

# IgnoreNew: one audit at a time. StartWhenAvailable: a night that was missed is made up for.
$settings = New-ScheduledTaskSettingsSet -StartWhenAvailable -MultipleInstances IgnoreNew -ExecutionTimeLimit (New-TimeSpan -Hours 20)
Register-ScheduledTask -TaskName $TaskName -Action $action -Trigger $trigger -Settings $settings -User 'NT AUTHORITY\LOCAL SERVICE'
