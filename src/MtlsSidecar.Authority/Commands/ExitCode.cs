namespace MtlsSidecar.Authority.Commands;

/// <summary>What the program's exit codes mean. They are API.</summary>
internal static class ExitCode
{
    /// <summary>Success; for <c>serve</c>: drained, nothing was cut.</summary>
    public const int Success = 0;

    /// <summary>Failure at run time.</summary>
    public const int Failure = 1;

    /// <summary>Wrong usage or configuration.</summary>
    public const int Usage = 2;
}
