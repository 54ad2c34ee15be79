#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeAll {
    Import-Module "$PSScriptRoot/../out/MriLink" -Force
    $script:brains = New-MriSimulatedCohort -ParticipantNumber (1..2) -SessionNumber 1 -Seed 3 | Invoke-MriPreprocess -Spacing 4
}

Describe 'Gallery' {
    BeforeEach {
        $place = Join-Path $TestDrive "$([guid]::NewGuid()).mrigallery"
        New-MriGallery $place | Out-Null
    }

    It 'holds every volume once' {
        $brains | Add-MriGalleryVolume $place
        $brains | Add-MriGalleryVolume $place
        (Get-MriGalleryVolume $place).Count | Should -Be 2
        (Test-MriGallery $place).IsIntact | Should -BeTrue
    }

    It 'is searched by its path' {
        $brains | Add-MriGalleryVolume $place
        $match = $brains[1] | Find-MriMatch -Gallery $place -Threshold 0.99
        $match.GalleryParticipant | Should -Be $brains[1].Participant
        $match.IsMatch | Should -BeTrue
    }

    It 'forgets what is removed' {
        $brains | Add-MriGalleryVolume $place
        Get-MriGalleryVolume $place -Participant $brains[0].Participant | Remove-MriGalleryVolume $place
        (Get-MriGalleryVolume $place).Participant | Should -Be $brains[1].Participant
    }

    It 'is as good after it was packed' {
        $brains | Add-MriGalleryVolume $place
        Get-MriGalleryVolume $place -Participant $brains[0].Participant | Remove-MriGalleryVolume $place
        Optimize-MriGallery $place
        (Test-MriGallery $place).IsIntact | Should -BeTrue
        (Get-MriGalleryVolume $place).Participant | Should -Be $brains[1].Participant
    }

    It 'gives the room back' {
        $brains | Add-MriGalleryVolume $place
        $full = (Get-Item $place).Length
        Get-MriGalleryVolume $place | Remove-MriGalleryVolume $place
        Optimize-MriGallery $place
        (Get-Item $place).Length | Should -BeLessThan ($full / 2)
    }

    It 'takes what others hold' {
        $parts = 1..2 | ForEach-Object { New-MriGallery (Join-Path $TestDrive "$([guid]::NewGuid()).part") }
        0..1 | ForEach-Object { $brains[$_] | Add-MriGalleryVolume $parts[$_] }
        Merge-MriGallery $place -Source $parts
        $parts[0].Name | Merge-MriGallery $place
        (Get-MriGalleryVolume $place).Participant | Should -Be $brains.Participant
    }

    It 'is audited, and then nothing happens twice' {
        $release = Join-Path $TestDrive 'release'
        $scans = New-MriSimulatedCohort -ParticipantNumber (1..2) -SessionNumber 1 -Seed 3
        $scans | Export-MriVolume "$release/" -Force -DataType Int16
        $audit = @{ Path = $release; Gallery = $place; Report = "$TestDrive/reports"; Threshold = 0.95; Spacing = 4 }
        (Invoke-MriAudit @audit).Added | Should -Be 2
        $again = Invoke-MriAudit @audit
        $again.Unchanged | Should -Be 2
        $again.ExitCode | Should -Be 0
        $again.ReportPath | Should -BeNullOrEmpty
    }

    It 'tells what is no gallery' {
        { Get-MriGalleryVolume "$TestDrive/none" -ErrorAction Stop } | Should -Throw '*does not exist*'
    }
}

Describe 'Signatures' {
    It 'find the person that two cohorts share' {
        $null = New-MriKey "$TestDrive/key"
        $brains | ConvertTo-MriSignature -KeyPath "$TestDrive/key" -OutFile "$TestDrive/ours.mrisig"
        $probe = $brains[1] | ConvertTo-MriSignature -KeyPath "$TestDrive/key"
        ($probe | Find-MriMatch -Gallery "$TestDrive/ours.mrisig" -Threshold 0.9).GalleryParticipant | Should -Be $brains[1].Participant
    }
}
