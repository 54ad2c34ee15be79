# What pipelines hold in memory, however long they are, and how soon they stop.
BeforeAll {
    . "$PSScriptRoot/Shared.ps1"
    $folder = New-TestFolder
}

Describe 'Ctrl+C' {
    BeforeAll {
        $small = Get-SmallHead
        $head = New-TestFile $folder 'head.nii' (New-Nifti $small.Size $small.Head (Get-HeadPose))
        $large = New-TestFile $folder 'large.nii' (New-Nifti (160, 160, 160))
        $middle = New-TestFile $folder 'middle.nii' (New-Nifti (91, 109, 91))

        # A second or so of decompression for each.
        $zeros = New-ZeroFile $folder 'zeros.nii.gz' 800
    }

    It 'ends <what> within a second' -ForEach @(
        @{ what = 'importing'; work = { 1..200 | ForEach-Object { Import-MriVolume $zeros -Validate } } }
        @{ what = 'preprocessing'
            work = { $scan = Import-MriVolume $head; 1..500 | ForEach-Object { $scan } | Invoke-MriPreprocess -ThrottleLimit 2 } }
        @{ what = 'measuring'
            work = { $scan = Import-MriVolume $middle; 1..500 | ForEach-Object { $scan } | Measure-MriSimilarity $scan -Metric All } }
        @{ what = 'matching'; work = { 1..500 | ForEach-Object { Import-MriVolume $large } | Find-MriMatch (Import-MriVolume $large) -Metric LNCC } }
        @{ what = 'trying mitigations'
            work = {
                $held = Import-MriVolume $head | Invoke-MriPreprocess -Spacing 4
                1..100 | ForEach-Object { Import-MriVolume $head } | Test-MriMitigation $held
            } }
        @{ what = 'simulating'; work = { New-MriSimulatedCohort -ParticipantCount 90000 -SessionCount 100 } }
    ) {
        # Three tries: what else the machine does can delay one, and never hastens any.
        $shortest = [timespan]::MaxValue
        for ($try = 0; $try -lt 3 -and $shortest.TotalSeconds -gt 1; $try++) {
            $state = [initialsessionstate]::CreateDefault2()
            $state.ImportPSModule($manifest)
            foreach ($name in 'zeros', 'head', 'middle', 'large') {
                $value = Get-Variable $name -ValueOnly
                $state.Variables.Add([System.Management.Automation.Runspaces.SessionStateVariableEntry]::new($name, $value, ''))
            }
            $running = [powershell]::Create($state)
            $null = $running.AddScript($work)
            $handle = $running.BeginInvoke()
            $handle.AsyncWaitHandle.WaitOne(1500) | Should -BeFalse -Because 'it is to be stopped before it is done'
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $running.Stop()
            if ($watch.Elapsed -lt $shortest) { $shortest = $watch.Elapsed }
            $running.InvocationStateInfo.State | Should -Be 'Stopped'
            $running.Dispose()
        }

        $shortest.TotalSeconds | Should -BeLessOrEqual 1
    }
}

Describe 'Memory' {
    BeforeAll {
        function Get-Held { [GC]::GetTotalMemory($true) }
    }

    It 'is not taken by a header that claims a million million voxels' {
        $path = New-TestFile $folder 'huge.nii' (New-Nifti -change {
                param($b) foreach ($at in 42, 44, 46) { [BitConverter]::GetBytes([int16] 10000).CopyTo($b, $at) }
            })
        $null = Get-Outcome { Import-MriVolume $path }
        $before = [GC]::GetTotalAllocatedBytes($true)
        (Get-Outcome { Import-MriVolume $path }).Errors | Should -HaveCount 1

        # The shell itself takes some hundred kilobytes for a script and an error record; the claimed volume would take 4 TB.
        [GC]::GetTotalAllocatedBytes($true) - $before | Should -BeLessThan 20MB
    }

    It 'is not taken by voxels at import' {
        # 64 MB of floats each, 200 times. A header and an identity are a few kilobytes.
        $path = New-ZeroFile $folder 'many.nii.gz' 256
        $null = Import-MriVolume $path
        $before = Get-Held
        # A path named again in one call is one scan; each call gives it anew.
        $volumes = 1..200 | ForEach-Object { Import-MriVolume $path }
        (Get-Held) - $before | Should -BeLessThan 10MB
        $volumes | Should -HaveCount 200
    }

    It 'holds few scans while preprocessing many' {
        # 8 MB as floats each; 150 of them would be 1.2 GB.
        $path = New-TestFile $folder 'eight.nii' (New-Nifti (128, 128, 128))
        $how = @{ Spacing = 8; SkipBiasCorrection = $true; Registration = 'None'; BrainExtraction = 'Never'; Harmonization = 'None'
            ThrottleLimit = 2; WarningAction = 'SilentlyContinue' }
        $null = Import-MriVolume $path | Invoke-MriPreprocess @how
        $before = Get-Held
        $count = 0
        $held = 1..150 | ForEach-Object { Import-MriVolume $path } | Invoke-MriPreprocess @how | ForEach-Object {
            $count++
            if ($count % 50 -eq 0) { Get-Held }
        }
        $held | Should -HaveCount 3

        # Two at work with their copies, and a few results that wait their turn.
        foreach ($bytes in $held) { $bytes - $before | Should -BeLessThan 150MB }
    }

    It 'never holds a thousand volumes while measuring as many' {
        # 0.9 MB each as floats.
        $path = New-TestFile $folder 'small.nii' (New-Nifti (60, 60, 60))
        $reference = Import-MriVolume $path
        $null = $reference | Measure-MriSimilarity $reference
        $before = Get-Held
        $count = 0
        $held = 1..1000 | ForEach-Object { Import-MriVolume $path } | Measure-MriSimilarity $reference | ForEach-Object {
            $count++
            if ($count % 250 -eq 0) { Get-Held }
        }
        $held | Should -HaveCount 4

        # A few volumes on their way, and some kilobytes for each row; by the last there would be 900 MB.
        foreach ($bytes in $held) { $bytes - $before | Should -BeLessThan 60MB }
    }

    It 'is not taken by a simulated cohort until it is read' {
        $before = Get-Held
        $scans = New-MriSimulatedCohort -ParticipantCount 500

        # Names and numbers: a single volume would be 40 MB.
        (Get-Held) - $before | Should -BeLessThan 30MB
        $scans | Should -HaveCount 1000
        $scans.TrueParticipant | Sort-Object -Unique | Should -HaveCount 500
    }

    It 'is no more for preprocessing than the scan as floats and 96 MB, with the shell and the template' {
        # 28 million voxels: 112 MB as floats, so that a second copy would not fit.
        $path = Join-Path $folder 'fine.nii'
        New-MriSimulatedCohort -ParticipantNumber 1 -SessionNumber 1 -Spacing 0.7 | Export-MriVolume $path
        $size = (Import-MriVolume $path).Size
        4 * $size.Count | Should -BeGreaterThan 96MB
        $script = "Import-Module '$manifest'; (Import-MriVolume '$path' | Invoke-MriPreprocess).Quality"
        $env:DOTNET_GCHeapHardLimit = '{0:x}' -f [long] (4 * $size.Count + 96MB)
        try { $told = & (Join-Path $PSHOME 'pwsh') -NoProfile -Command $script } finally { $env:DOTNET_GCHeapHardLimit = $null }
        $told | Should -Be 'Pass'
    }

    It 'is not taken for a scan of more than 512 x 512 x 512 voxels' {
        # 147 MB of zeros in a file of less than one.
        $path = New-ZeroFile $folder 'vast.nii.gz' 528
        $small = Get-SmallHead
        $head = New-TestFile $folder 'good.nii' (New-Nifti $small.Size $small.Head (Get-HeadPose))
        $before = [GC]::GetTotalAllocatedBytes($true)
        $outcome = Get-Outcome { Import-MriVolume $path | Invoke-MriPreprocess }
        [GC]::GetTotalAllocatedBytes($true) - $before | Should -BeLessThan 20MB
        $outcome.Errors | Should -HaveCount 1
        "$($outcome.Errors[0])" | Should -BeLike '*vast.nii.gz*147,197,952 voxels*at most 134,217,728*'
        (Get-Outcome { $path, $head | Import-MriVolume | Invoke-MriPreprocess }).Output | Should -HaveCount 1
    }
}
