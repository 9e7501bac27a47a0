using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Demo;

/// <summary>The story that a stranger sees first.</summary>
[Collection(nameof(WholeMachine))]
public sealed class DemoTests
{
    [Fact]
    public async Task Once_ShowsEveryStepAndEndsWithZero()
    {
        var program = SidecarProgram.BuiltProgram("MtlsSidecar.Demo", "MtlsSidecar.Demo");

        var result = await ChildProcess.RunAsync(new ProcessStart(program, "--once"), TimeSpan.FromMinutes(2));

        result.ExitCode.Should().Be(0, result.ToString());
        result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.Should().BeGreaterThanOrEqualTo(6, "each step has its line");
    }
}
