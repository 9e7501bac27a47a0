namespace MtlsSidecar.TestKit.Processes;

/// <summary>Signals that tests send, by their numbers on Linux.</summary>
public enum ProcessSignal
{
    Hangup = 1,
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
}
