@{
    RootModule             = 'MriLink.dll'
    ModuleVersion          = '0.1.0'
    GUID                   = '2fdb9477-6409-4d7a-8af0-6a511562a3b0'
    Author                 = 'MriLink contributors'
    CompanyName            = 'MriLink contributors'
    Copyright              = '(c) 2026 MriLink contributors. MIT licence.'
    Description            = 'Can scans of the same person be linked across brain MRI datasets, even after skull stripping? Imports T1-weighted volumes, preprocesses them, measures their similarity and finds the pairs that are the same person.'
    PowerShellVersion      = '7.4'
    CompatiblePSEditions   = @('Core')
    FormatsToProcess       = @('MriLink.Format.ps1xml')
    TypesToProcess         = @('MriLink.Types.ps1xml')
    CmdletsToExport        = @(
        'Add-MriGalleryVolume'
        'ConvertTo-MriSignature'
        'Export-MriImage'
        'Export-MriReport'
        'Export-MriVolume'
        'Find-MriMatch'
        'Get-MriEngine'
        'Get-MriGalleryVolume'
        'Get-MriHeader'
        'Get-MriLinkageThreshold'
        'Get-MriSignature'
        'Import-MriVolume'
        'Invoke-MriAudit'
        'Invoke-MriPreprocess'
        'Measure-MriLinkage'
        'Measure-MriSimilarity'
        'Merge-MriGallery'
        'New-MriGallery'
        'New-MriKey'
        'New-MriSimulatedCohort'
        'New-MriSimulatedScan'
        'Test-MriLabel'
        'Optimize-MriGallery'
        'Remove-MriGalleryVolume'
        'Show-MriVolume'
        'Test-MriGallery'
        'Test-MriMitigation'
    )
    FunctionsToExport      = @()
    VariablesToExport      = @()
    AliasesToExport        = @()
    PrivateData            = @{
        PSData = @{
            Tags         = @('MRI', 'Neuroimaging', 'Privacy', 'Anonymisation', 'NIfTI', 'BIDS', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
            LicenseUri   = 'https://licenses.nuget.org/MIT'
            ReleaseNotes = 'The first version; CHANGELOG.md beside this file tells what it can do.'
        }
    }
}
