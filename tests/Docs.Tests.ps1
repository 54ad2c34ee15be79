BeforeAll { . "$PSScriptRoot/Shared.ps1" }

Describe 'README' {
    It 'has a session that does what it prints' {
        $blocks = @(Get-CodeBlock "$root/README.md")
        $blocks.Count | Should -BeGreaterOrEqual 3
        $printed = @(Invoke-CodeBlock $blocks $TestDrive)
        $printed | Should -HaveCount $blocks.Count
        for ($i = 0; $i -lt $blocks.Count; $i++) { Assert-SameText $blocks[$i].Printed $printed[$i] }
        Get-Content "$TestDrive/audit.html" -TotalCount 1 | Should -BeLike '<!DOCTYPE html>*'
    }
}
