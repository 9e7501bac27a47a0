namespace MtlsSidecar.Commands;

/// <summary>What the program's exit codes mean. They are API.</summary>
internal static class ExitCode
{
    /// <summary>Success; for <c>run</c>: drained, nothing was cut.</summary>
    public const int Success = 0;

    /// <summary>Failure at run time; for <c>run</c>: the drain's deadline passed with work in flight.</summary>
    public const int Failure = 1;

    /// <summary>Wrong usage or configuration.</summary>
    public const int Usage = 2;

    /// <summary>The certificate or peer was rejected (<c>validate</c>, <c>inspect</c>).</summary>
    public const int Rejected = 3;
}
