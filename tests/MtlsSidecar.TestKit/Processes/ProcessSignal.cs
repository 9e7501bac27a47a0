namespace MtlsSidecar.TestKit.Processes;

/// <summary>Signals that tests send, by their numbers on Linux.</summary>
public enum ProcessSignal
{
    Hangup = 1,
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,

    /// <summary>Goes on after <see cref="Stop"/>.</summary>
    Continue = 18,

    /// <summary>Holds the process: the kernel still accepts its connections, but nobody answers.</summary>
    Stop = 19,
}
