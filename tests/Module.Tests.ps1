BeforeDiscovery {
    $root = Split-Path -Parent $PSScriptRoot
    $scripts = Get-ChildItem $root -Recurse -Include *.ps1, *.psm1, *.psd1 |
        ForEach-Object { [IO.Path]::GetRelativePath($root, $_.FullName).Replace('\', '/') } |
        Where-Object { $_ -notmatch '(^|/)(bin|obj|out)/' }
}

BeforeAll { . "$PSScriptRoot/Shared.ps1" }

Describe 'The module' {
    It 'has a manifest that a gallery takes' {
        $data = Test-ModuleManifest $manifest
        $data.Name | Should -Be 'MriLink'
        foreach ($fact in 'Description', 'LicenseUri', 'ReleaseNotes') { $data.$fact | Should -Not -BeNullOrEmpty }
        $data.Tags.Count | Should -BeGreaterThan 3
    }

    It 'exports every cmdlet that it has, under an approved verb, and nothing else' {
        $module = Get-Module MriLink
        $module.ExportedCommands.Count | Should -Be $module.ExportedCmdlets.Count
        $module.ExportedCmdlets.Values.Verb | Sort-Object -Unique | Should -BeIn (Get-Verb).Verb
        $written = @($module.ExportedCmdlets.Values)[0].ImplementingType.Assembly.GetExportedTypes() |
            ForEach-Object { $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false) } |
            ForEach-Object { "$($_.VerbName)-$($_.NounName)" }
        $module.ExportedCmdlets.Keys | Sort-Object | Should -Be ($written | Sort-Object)
    }

    It 'has each cmdlet called in a test' {
        $calls = Get-ChildItem "$root/tests/*.Tests.ps1" | ForEach-Object {
            $script = [System.Management.Automation.Language.Parser]::ParseFile($_.FullName, [ref] $null, [ref] $null)
            $script.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)
        } | ForEach-Object GetCommandName
        (Get-Command -Module MriLink -CommandType Cmdlet).Name | Should -BeIn $calls
    }

    It 'imports again after it was removed' {
        $again = "Import-Module '$manifest'; Remove-Module MriLink; Import-Module '$manifest'"
        $count = & $shell -NoProfile -Command "$again; (New-MriSimulatedCohort 3 -SessionCount 1).Count"
        $count | Should -Be 3
    }

    It 'keeps its own version of a library beside another module''s, whichever comes first (<first>)' -ForEach @{ first = 'other' },
        @{ first = 'MriLink' } {
        # A library of the same name and another version, with a type that the real one lacks, and a module that loads it.
        $folder = New-TestFolder
        $name = [Reflection.AssemblyName]::new('MathNet.Numerics')
        $name.Version = '4.0.0.0'
        $assembly = [Reflection.Emit.PersistedAssemblyBuilder]::new($name, [object].Assembly)
        $type = $assembly.DefineDynamicModule('MathNet.Numerics').DefineType('MathNet.Numerics.Marker', 'Public, Class')
        $body = $type.DefineMethod('Say', [Reflection.MethodAttributes] 'Public, Static', [string], [type[]] @()).GetILGenerator()
        $body.Emit([Reflection.Emit.OpCodes]::Ldstr, 'the other one')
        $body.Emit([Reflection.Emit.OpCodes]::Ret)
        $null = $type.CreateType()
        $assembly.Save("$folder/MathNet.Numerics.dll")
        Set-Content "$folder/Other.psd1" "@{ ModuleVersion = '1.0'; RequiredAssemblies = 'MathNet.Numerics.dll' }"

        # Registration and bias correction solve linear systems with MathNet; the small head is quick.
        $steps = "Import-Module '$folder/Other.psd1'; [MathNet.Numerics.Marker]::Say()",
            "Import-Module '$manifest'; `$null = New-MriSimulatedCohort 1 -SessionCount 1 -Spacing 8 | Invoke-MriPreprocess -Spacing 8"
        if ($first -eq 'MriLink') { $steps = $steps[1, 0] }
        $steps += '[AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq "MathNet.Numerics" } |
            ForEach-Object { "$([Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name) $($_.GetName().Version)" }'
        $said = & $shell -NoProfile -Command (@('$ErrorActionPreference = "Stop"') + $steps -join '; ')
        $LASTEXITCODE | Should -Be 0
        $said | Sort-Object | Should -Be 'Default 4.0.0.0', 'MriLink 5.0.0.0', 'the other one'
    }

    It 'loads beside it what SimpleITK''s engine needs' {
        (Get-Module MriLink).ExportedCmdlets['Get-MriEngine'] | Should -Not -BeNullOrEmpty
        (& $shell -NoProfile -Command "Import-Module '$manifest'; (Get-MriEngine).Name") | Should -Be 'BuiltIn', 'SimpleITK'
    }
}

Describe 'Scripts' {
    It 'are found of each kind' -ForEach @{ found = $scripts } {
        'build.ps1', 'MriLink.psd1', 'examples/audit.ps1', 'tests/Module.Tests.ps1' | Should -BeIn $found
    }

    It 'parse: <_>' -ForEach $scripts {
        $problems = $null
        $null = [System.Management.Automation.Language.Parser]::ParseFile("$root/$_", [ref] $null, [ref] $problems)
        $problems | Should -BeNullOrEmpty
    }
}

Describe 'Views' {
    BeforeAll {
        $scans = New-MriSimulatedCohort 2 -SessionCount 1
        $types = (Get-Command -Module MriLink -CommandType Cmdlet).OutputType.Type | Where-Object FullName -Like 'MriLink.*' |
            Sort-Object FullName -Unique
        $format = [xml] (Get-Content -Raw "$root/out/MriLink/MriLink.Format.ps1xml")
        $extended = [xml] (Get-Content -Raw "$root/out/MriLink/MriLink.Types.ps1xml")
        $views = $format.SelectNodes('//View') | ForEach-Object {
            foreach ($type in $_.SelectNodes('.//TypeName')) {
                [pscustomobject] @{
                    Type = $type.InnerText
                    Properties = @($_.SelectNodes('.//PropertyName').InnerText) + @($_.SelectNodes('.//Label').InnerText) -ne $null
                }
            }
        }
        $sets = $extended.SelectNodes('//Type') | ForEach-Object {
            [pscustomobject] @{ Type = $_.SelectSingleNode('Name').InnerText; Properties = $_.SelectNodes('.//ReferencedProperties/Name').InnerText }
        }

        function Get-Line([type] $type) { for (; $type; $type = $type.BaseType) { $type } }
        $known = @{}
        foreach ($type in $types) { foreach ($one in Get-Line $type) { $known[$one.FullName] = $one } }
    }

    It 'and properties to show first are there for every type that cmdlets put out' {
        $types.Count | Should -BeGreaterThan 10
        foreach ($type in $types) {
            (Get-Line $type).FullName | Where-Object { $_ -in $views.Type } | Should -Not -BeNullOrEmpty -Because "$type needs a view"
            $type.FullName | Should -BeIn $sets.Type
        }
    }

    It 'name types and properties that exist' {
        foreach ($view in @($views) + @($sets)) {
            $known.Keys | Should -Contain $view.Type
            $view.Properties | Should -Not -BeNullOrEmpty
            foreach ($property in $view.Properties) {
                $known[$view.Type].GetProperty($property) | Should -Not -BeNullOrEmpty -Because "$($view.Type) is to have $property"
            }
        }
    }

    It 'have no heading but a property of that name, and show its value' {
        $entries = $format.SelectNodes('//View') | ForEach-Object {
            $view = $_
            $type = $known[$view.SelectSingleNode('.//TypeName').InnerText]
            $labels = @($view.SelectNodes('.//TableColumnHeader/Label') | ForEach-Object InnerText)
            $items = @($view.SelectNodes('.//TableColumnItem'))
            $items | Should -HaveCount $labels.Count -Because $type
            for ($i = 0; $i -lt $labels.Count; $i++) { @{ Type = $type; Label = $labels[$i]; Item = $items[$i] } }
            foreach ($item in $view.SelectNodes('.//ListItem')) {
                @{ Type = $type; Label = ($item.SelectSingleNode('Label') ?? $item.SelectSingleNode('PropertyName')).InnerText; Item = $item }
            }
        }
        $entries.Count | Should -BeGreaterThan 100
        foreach ($entry in $entries) {
            $because = "the heading '$($entry.Label)' of $($entry.Type) is to be a property"
            $entry.Type.GetProperty($entry.Label) | Should -Not -BeNullOrEmpty -Because $because
            $shown = $entry.Item.SelectSingleNode('PropertyName')
            if ($shown) { $shown.InnerText | Should -BeExactly $entry.Label -Because $because }
            else {
                # A script shapes one property's value: the whole of it, or its coordinates.
                $used = [regex]::Matches($entry.Item.SelectSingleNode('ScriptBlock').InnerText, '\$_\.(\w+)(\.\w+)?') | ForEach-Object {
                    $_.Groups[1].Value
                    if ($_.Groups[2].Value -notin '', '.X', '.Y', '.Z') { $_.Groups[2].Value }
                }
                $used | Select-Object -Unique | Should -Be $entry.Label -Because $because
            }
        }
    }

    It 'filter, sort and group by what tables head: <property>' -ForEach @(
        @{ property = 'Quality'; is = 'Pass' }
        @{ property = 'Stripped'; is = $true }
        @{ property = 'Reasons'; is = '' }
    ) {
        $brains = foreach ($n in 1..3) { Import-MriVolume (New-BrainFile $TestDrive "heads/$n.nii" $n) }
        $brains | Where-Object $property -EQ $is | Should -HaveCount ($property -eq 'Stripped' ? 0 : 3)
        $brains | Where-Object $property -NE $is | Should -HaveCount ($property -eq 'Stripped' ? 3 : 0)
        $brains | Group-Object $property | Should -HaveCount 1
        $brains | Where-Object NCC -LT 0.5 | Should -BeNullOrEmpty
        $brains | Where-Object NCC -GE 0.5 | Should -HaveCount 3
    }

    It 'have words of their own for every object and every part of one' {
        $seen = [Collections.Generic.HashSet[type]]::new()
        $open = [Collections.Generic.Queue[type]]::new()
        foreach ($type in $types) { $open.Enqueue($type) }
        while ($open.Count) {
            $type = $open.Dequeue()
            if ($type.FullName -notlike 'MriLink.*' -or $type.IsEnum -or -not $seen.Add($type)) { continue }

            # What the compiler makes for a record is a listing of all its parts.
            $words = $type.GetMethod('ToString', [type[]] @())
            $own = $words.DeclaringType.FullName -like 'MriLink.*' -and
                -not $words.IsDefined([Runtime.CompilerServices.CompilerGeneratedAttribute], $false)
            $own | Should -BeTrue -Because "$type is to have a ToString of its own"
            foreach ($property in $type.GetProperties('Public, Instance') | Where-Object { -not $_.GetIndexParameters() }) {
                $type = $property.PropertyType
                foreach ($part in @($type.GetGenericArguments()) + ($type.GetElementType() ?? $type)) { $open.Enqueue($part) }
            }
        }

        $seen.Name | Should -Contain 'ScanIdentity'
    }

    It 'show a table, a list, and all there is' {
        $scans | Out-String -Width 200 | Should -Match 'Participant\s+Session\s+Scenario'
        $scans[0] | Format-List | Out-String | Should -Match 'TrueParticipant\s*:'
        $scans[0] | Format-List * | Out-String | Should -Match 'Conditions\s*:'
    }

    It 'show what matters beside other things' {
        $scans[0].PSStandardMembers.DefaultDisplayPropertySet.ReferencedPropertyNames |
            Should -Be 'Name', 'Scenario', 'Contrast', 'Size', 'Spacing', 'Orientation', 'IsStripped', 'TrueParticipant'
        $text = @(Get-Item $PSHOME) + $scans | Out-String -Width 200
        $text | Should -Match 'Name\s*:\s*sim'
        $text | Should -Not -Match 'Seed\s*:'
    }

    It 'let a table choose its columns, and sort, group and select by them' {
        $scans | Select-Object Participant, TrueParticipant | ConvertTo-Csv | Select-Object -First 1 | Should -Be '"Participant","TrueParticipant"'
        ($scans | Sort-Object Participant -Descending)[0].Participant | Should -Be $scans[1].Participant
        $scans | Group-Object Scenario | ForEach-Object Count | Should -Be 2
    }
}

Describe 'Streams' {
    It 'hand objects over to parallel runspaces and back' {
        $names = New-MriSimulatedCohort 3 -SessionCount 1 | ForEach-Object -Parallel {
            Import-Module $using:manifest
            "$($_.Participant) $(($_ | New-MriSimulatedScan -Seed 2).TrueParticipant -eq $_.TrueParticipant)"
        }
        $names | Should -HaveCount 3
        $names | Should -Match ' True$'
    }

    It 'say what is done with -Verbose and nothing without' {
        $folder = New-TestFolder
        Set-Content "$folder/notes.txt" 'x'
        Import-MriVolume $folder -Recurse -Verbose 4>&1 3>$null | Out-String | Should -BeLike '*passed over*'
        Import-MriVolume $folder -Recurse 4>&1 3>$null | Should -BeNullOrEmpty
    }

    It 'take -ErrorAction and -ErrorVariable' {
        Import-MriVolume "$TestDrive/none.nii" -ErrorAction SilentlyContinue -ErrorVariable problems | Should -BeNullOrEmpty
        $problems | Should -HaveCount 1
        { Import-MriVolume "$TestDrive/none.nii" -ErrorAction Stop } | Should -Throw
    }
}
