<#
.SYNOPSIS
    Mails the report on a release: the page goes as an attachment, its summary as the text.
.PARAMETER Gallery
    Whom to look for the release's people among: a gallery file, or a folder of scans.
.PARAMETER PickupFolder
    Writes the message to this folder instead of sending it.
#>
param(
    [Parameter(Mandatory)] [string] $Release,
    [Parameter(Mandatory)] [string] $Gallery,
    [Parameter(Mandatory)] [string] $To,
    [string] $From = 'mrilink@localhost',
    [string] $SmtpServer = 'localhost',
    [string] $PickupFolder,
    [hashtable] $Preprocess = @{}
)
$ErrorActionPreference = 'Stop'
$built = Join-Path $PSScriptRoot '../../out/MriLink/MriLink.psd1'
Import-Module ((Test-Path -LiteralPath $built) ? $built : 'MriLink')

$isFolder = Test-Path -LiteralPath $Gallery -PathType Container
$known = $isFolder ? (Import-MriVolume $Gallery -Recurse | Invoke-MriPreprocess @Preprocess) : (Get-MriGalleryVolume $Gallery)
$new = Import-MriVolume $Release -Recurse | Invoke-MriPreprocess @Preprocess
$folder = [IO.Directory]::CreateTempSubdirectory('mrilink-mail-').FullName
try {
    foreach ($ending in 'html', 'json') { $new | Find-MriMatch $known | Export-MriReport "$folder/report.$ending" -Probe $new -Gallery $known }
    $summary = (Get-Content -Raw "$folder/report.json" | ConvertFrom-Json).summary
    $message = [Net.Mail.MailMessage]::new($From, $To, 'MriLink: report on a release', $summary)
    $message.Attachments.Add([Net.Mail.Attachment]::new("$folder/report.html"))
    $client = [Net.Mail.SmtpClient]::new($SmtpServer)
    if ($PickupFolder) {
        $client.DeliveryMethod = 'SpecifiedPickupDirectory'
        $client.PickupDirectoryLocation = (New-Item $PickupFolder -ItemType Directory -Force).FullName
    }
    try { $client.Send($message) } finally { $message.Dispose() }
    $summary
}
finally { Remove-Item -LiteralPath $folder -Recurse }
