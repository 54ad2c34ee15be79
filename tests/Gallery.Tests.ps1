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

    It 'tells what is no gallery' {
        { Get-MriGalleryVolume "$TestDrive/none" -ErrorAction Stop } | Should -Throw '*does not exist*'
    }
}
