using System.Management.Automation;

namespace MriLink.Shell.Hosting;

/// <summary>The one answer to every question asked under <c>-NonInteractive</c>.</summary>
internal static class NonInteractive
{
    /// <summary>The error that ends the command which asked.</summary>
    public static PSInvalidOperationException Refusal() =>
        new("mrilink was started with -NonInteractive: nothing can be read or asked. Give the value as a parameter, or -Confirm:$false.");
}
