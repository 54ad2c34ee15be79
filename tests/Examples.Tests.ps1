# The scripts of examples/, each run as it stands by pwsh -File.
BeforeAll {
    . "$PSScriptRoot/Shared.ps1"
    $env:NO_COLOR = '1'
    $folder = New-TestFolder
    $quick = @{ Spacing = 6; Stripped = $true }
    New-MriSimulatedCohort -ParticipantNumber (1..2) -SessionNumber 1 @quick | Export-MriVolume "$folder/first/" -Force -DataType Int16
    New-MriSimulatedCohort -ParticipantNumber 3 -SessionNumber 1 @quick | Export-MriVolume "$folder/second/" -Force -DataType Int16
    Copy-Item (Get-ChildItem "$folder/first")[0] "$folder/second/sub-9999_T1w.nii.gz"
    $all = New-Item -ItemType Directory "$folder/all"
    Copy-Item "$folder/first/*", "$folder/second/*" $all

    function Invoke-Example([string] $name) {
        $output = & $shell -NoProfile -NonInteractive -File "$root/examples/$name" @args 2>&1 | ForEach-Object { "$_" }
        [pscustomobject] @{ ExitCode = $LASTEXITCODE; Output = $output -join "`n" }
    }
}

AfterAll { $env:NO_COLOR = $null }

Describe 'examples/audit.ps1' {
    It 'finds the five people who are in both databases, and nobody else' {
        $run = Invoke-Example audit.ps1
        $run.ExitCode | Should -Be 0
        $run.Output | Should -Match '5 links, 5 of them right \(5 people are in both databases\)\.'
        $run.Output | Should -Match 'Without a link in B: B09, B10, B11\s+Without a link in A: A01, A02, A03'
    }
}

Describe 'examples/schedule/audit-releases.ps1' {
    It 'wants a gallery that is there, unless it is to make one' {
        $run = Invoke-Example schedule/audit-releases.ps1 -Release "$folder/first" -Gallery "$folder/typo" -Report "$folder/reports"
        $run.ExitCode | Should -Be 1
        $run.Output | Should -Match 'New-MriGallery'
    }

    It 'takes several folders, says what it found without escape codes, and ends with the audit''s exit code' {
        $arguments = '-Release', "$folder/first", "$folder/second", '-Gallery', "$folder/g", '-Report', "$folder/reports"
        $run = Invoke-Example schedule/audit-releases.ps1 @arguments -Create
        $run.ExitCode | Should -Be 2 -Because $run.Output
        $run.Output | Should -Not -Match "`e"
        Get-MriGalleryVolume "$folder/g" | Should -HaveCount 4
        (Invoke-Example schedule/audit-releases.ps1 @arguments).ExitCode | Should -Be 0
    }
}

Describe 'examples/slurm' {
    It 'shares the work and makes one gallery of it' {
        $null = New-Item -ItemType Directory "$folder/parts"
        foreach ($share in 1, 2) {
            $run = Invoke-Example slurm/preprocess.ps1 -Release $all -Shard "$share/2" -Gallery "$folder/parts/part-$share.mrigallery" -CachePath "$folder/cache"
            $run.ExitCode | Should -Be 0 -Because $run.Output
            $run.Output | Should -Match "Share $share/2: 2 volumes"
        }

        $merge = Invoke-Example slurm/merge.ps1 -Gallery "$folder/merged.mrigallery" -Parts "$folder/parts"
        $merge.ExitCode | Should -Be 0 -Because $merge.Output
        Get-MriGalleryVolume "$folder/merged.mrigallery" | Should -HaveCount 4
        (Test-MriGallery "$folder/merged.mrigallery").IsIntact | Should -BeTrue
    }
}
